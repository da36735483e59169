package dev.viber.api.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what was asked: a full disk, a row that is there already, a write in a question. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what, and from what cause. */
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
