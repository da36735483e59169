package dev.viber.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The terminal of this process with each key coming as it is pressed, until it is closed. By {@code stty}: a library for
 * terminals asks them what they can, and the answers would be typed at whatever is on the other side.
 */
final class RawTerminal implements AutoCloseable {
    private final String before;
    private final Thread hook;

    private RawTerminal(String before) {
        this.before = before;
        hook = Thread.ofPlatform().unstarted(this::restore);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Makes it so.
     *
     * @param signals whether Ctrl-C and its like stay this process's own
     */
    static RawTerminal of(boolean signals) throws IOException, InterruptedException {
        RawTerminal terminal = new RawTerminal(stty("-g").strip());
        List<String> words =
                new ArrayList<>(List.of("-icanon", "-echo", "-iexten", "-ixon", "-icrnl", "min", "1", "time", "0"));
        if (!signals) {
            words.add("-isig");
        }
        stty(words.toArray(String[]::new));
        return terminal;
    }

    private static String stty(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the terminal cannot be made raw: " + said.strip());
        }
        return said;
    }

    private void restore() {
        try {
            stty(before);
        } catch (IOException e) {
            // The terminal is gone: nothing is left to be restored.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            hook.interrupt(); // the process is ending, and it is restored
        }
    }
}
