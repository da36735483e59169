package dev.viber.cli;

/** Says at Ctrl-C that the task goes on, and how to come back to it. */
final class Parting implements AutoCloseable {
    private final Thread hook;

    Parting(Output output, String... lines) {
        hook = Thread.ofPlatform().unstarted(() -> {
            for (String line : lines) {
                output.note(line);
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            hook.interrupt(); // the process is ending: what it says is true
        }
    }
}
