package dev.viber.client;

import java.net.ConnectException;
import java.net.URI;

/** The server could not be reached, or the connection broke before it answered; what was asked may or may not be done. */
public final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final URI url;

    UnreachableException(URI url, Throwable cause) {
        super("no answer from %s: %s".formatted(url, reason(cause)), cause);
        this.url = url;
    }

    private UnreachableException(URI url, String message, Throwable cause) {
        super(message, cause);
        this.url = url;
    }

    /** What came is no answer of a Viber server. */
    static UnreachableException stranger(URI url, Throwable cause) {
        return new UnreachableException(url, "no answer of a Viber server came from " + url, cause);
    }

    private static String reason(Throwable cause) {
        if (cause instanceof ConnectException) {
            return "nothing listens there";
        }
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }

    /** What was asked for. */
    public URI url() {
        return url;
    }
}
