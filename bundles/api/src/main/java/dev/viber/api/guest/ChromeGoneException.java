package dev.viber.api.guest;

/** There is no Chrome that answers; the message says what became of it. */
public final class ChromeGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what is told to whoever asked for it. */
    public ChromeGoneException(String message) {
        super(message);
    }
}
