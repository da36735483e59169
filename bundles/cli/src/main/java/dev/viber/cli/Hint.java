package dev.viber.cli;

/** Commands as they are told to people: by the name this program was called by. */
final class Hint {
    private Hint() {}

    /** Such as {@code ./viber task follow t1} in a checkout. */
    static String command(String... words) {
        return System.getProperty("viber.command", "viber") + " " + String.join(" ", words);
    }
}
