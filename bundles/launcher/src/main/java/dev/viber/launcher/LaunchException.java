package dev.viber.launcher;

import org.jspecify.annotations.Nullable;

/** Why a feature did not start, in words for the person who started it. */
public final class LaunchException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With nothing beneath it. */
    public LaunchException(String message) {
        this(message, null);
    }

    /** With what caused it, for the log. */
    public LaunchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
