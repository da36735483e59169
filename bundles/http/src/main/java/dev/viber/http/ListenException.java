package dev.viber.http;

/** The address cannot be listened on; the message names it and says why. */
final class ListenException extends Exception {
    private static final long serialVersionUID = 1L;

    ListenException(String message, Throwable cause) {
        super(message, cause);
    }

    ListenException(String message) {
        super(message);
    }
}
