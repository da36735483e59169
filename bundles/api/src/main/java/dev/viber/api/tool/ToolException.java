package dev.viber.api.tool;

/** The tool could not do its work; the message says what was wrong and what was wanted. */
public final class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether trying again may help. */
    private final boolean retryable;

    /** A failure that the same call would meet again. */
    public ToolException(String message) {
        this(message, false, null);
    }

    /** A failure with its cause. */
    public ToolException(String message, boolean retryable, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether trying again may help. */
    public boolean isRetryable() {
        return retryable;
    }
}
