package dev.viber.browser.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a call failed, as it is answered: a status, a code for programs, a text for people. */
class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final transient Map<String, ?> more;

    Failure(int status, String code, String text) {
        this(status, code, text, Map.of());
    }

    /** With more members for the answer. */
    Failure(int status, String code, String text, Map<String, ?> more) {
        super(text, null, false, false);
        this.status = status;
        this.code = code;
        this.more = more;
    }

    /** What was asked for is not well formed. */
    static Failure malformed(String text) {
        return new Failure(400, "malformed", text);
    }

    /** It took longer than it might. */
    static Failure timeout(String what, Deadline deadline) {
        return new Failure(408, "timeout", what + " within " + deadline.ms() + " ms");
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    Map<String, @Nullable Object> body() {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("error", getMessage());
        out.put("code", code);
        out.putAll(more);
        return out;
    }

    /** What DevTools refused, in its words. */
    static final class Refused extends Failure {
        private static final long serialVersionUID = 1;

        Refused(String method, String message) {
            super(500, "devtools", method + ": " + message);
        }

        /** Whether the page went on to another document while it was asked. */
        boolean isContextGone() {
            String text = String.valueOf(getMessage());
            return text.contains("ontext was destroyed")
                    || text.contains("Cannot find context")
                    || text.contains("navigated or closed")
                    || text.contains("uniqueContextId not found")
                    || text.contains("Frame with the given")
                    || text.contains("No frame for given id")
                    || text.contains("No frame with given id");
        }
    }
}
