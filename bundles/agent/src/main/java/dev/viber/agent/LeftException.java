package dev.viber.agent;

/** The run is no longer this agent's to write of: a newer attempt, a discarded task, the agent leaving. */
final class LeftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeftException(String message) {
        super(message, null, false, false);
    }
}
