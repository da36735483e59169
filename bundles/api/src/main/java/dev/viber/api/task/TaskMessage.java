package dev.viber.api.task;

import java.util.Locale;

/**
 * A message to a running task.
 *
 * @param message the text; not blank
 * @param mode how it is taken in
 */
public record TaskMessage(String message, Mode mode) {
    /** How a message is taken in. */
    public enum Mode {
        /** At once, ahead of what waits. */
        STEER,
        /** After the present turn, in order. */
        FOLLOWUP,
        /** Gathered with others into one turn. */
        COLLECT;

        /** The word used on the wire. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
