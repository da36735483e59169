package dev.viber.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call that did not bring a result, with what was known of it when it failed. */
final class CallFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final @Nullable String callId;
    private final transient Map<String, Object> arguments;

    CallFailure(String message, @Nullable String callId, Map<String, Object> arguments, @Nullable Throwable cause) {
        super(message, cause);
        this.callId = callId;
        this.arguments = arguments;
    }

    /** The call that was journaled and needs its answer journaled; null where it was never made. */
    @Nullable
    String callId() {
        return callId;
    }

    Map<String, Object> arguments() {
        return arguments;
    }

    String text() {
        String message = getMessage();
        return message == null ? "failed" : message;
    }
}
