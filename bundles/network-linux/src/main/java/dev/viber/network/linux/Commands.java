package dev.viber.network.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the system's own programs, which say in words what the kernel did not like. */
final class Commands {
    private static final int SECONDS = 20;
    private static final List<String> NFT = List.of("nft", "-f", "-");

    private Commands() {}

    /** A program that was started and has got its input; whoever closes it has waited for its end. */
    static final class Started implements AutoCloseable {
        private final List<String> command;
        private final Process process;

        private Started(List<String> command, Process process) {
            this.command = command;
            this.process = process;
        }

        /** Waits for its end; returns what it printed, or fails with what it complained of. */
        String finish() throws IOException {
            try {
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("%s did not end in %d s".formatted(String.join(" ", command), SECONDS));
                }
                if (process.exitValue() != 0) {
                    throw new IOException("%s: %s".formatted(String.join(" ", command), said));
                }
                return said;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("%s was interrupted".formatted(String.join(" ", command)), e);
            }
        }

        /** Where something else has failed meanwhile: what it does is done before that is cleared up. */
        @Override
        public void close() {
            try {
                process.waitFor(SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    /** Starts a program with this input, which is short: nobody reads what it prints before {@link Started#finish}. */
    static Started start(List<String> command, String input) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IOException("%s is not here; apt-get install iproute2 nftables".formatted(command.getFirst()), e);
        }
        Started started = new Started(command, process);
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            started.close();
            throw e;
        }
        return started;
    }

    /** Runs a program with this input; returns what it printed, or fails with what it complained of. */
    static String run(List<String> command, String input) throws IOException {
        try (Started started = start(command, input)) {
            return started.finish();
        }
    }

    /** Runs a program without input. */
    static String run(String... command) throws IOException {
        return run(List.of(command), "");
    }

    /** Applies a script of nft, whole or not at all. */
    static void nft(String script) throws IOException {
        run(NFT, script);
    }

    /** Begins to apply a script of nft. */
    static Started startNft(String script) throws IOException {
        return start(NFT, script);
    }
}
