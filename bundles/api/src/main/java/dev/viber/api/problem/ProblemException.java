package dev.viber.api.problem;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A refusal that names what was wrong and what was wanted; REST shows it as an RFC 9457 problem.
 *
 * <pre>{@code
 * throw ProblemException.notFound("task", id);
 * }</pre>
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of refusal; its {@link #type} is stable and its {@link #status} is the HTTP status that fits. */
    public enum Kind {
        /** The request cannot be read at all. */
        MALFORMED("malformed", 400, "The request cannot be read"),
        /** No credential, or one that is not valid. */
        UNAUTHORIZED("unauthorized", 401, "A valid bearer token is needed"),
        /** The credential is valid and does not allow this. */
        FORBIDDEN("forbidden", 403, "Not allowed"),
        /** There is no such thing. */
        NOT_FOUND("not-found", 404, "Not found"),
        /** The method does not fit the path. */
        METHOD_NOT_ALLOWED("method-not-allowed", 405, "Method not allowed"),
        /** The thing is in a state where this is impossible. */
        CONFLICT("conflict", 409, "Impossible in this state"),
        /** It was there, and is not any more. */
        GONE("gone", 410, "Not there any more"),
        /** The body is larger than allowed. */
        TOO_LARGE("too-large", 413, "Too large"),
        /** The body is of a kind that is not taken here. */
        UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", 415, "Unsupported media type"),
        /** The part asked for is not there. */
        RANGE("range", 416, "No such part"),
        /** The request can be read and its content is wrong. */
        INVALID("invalid", 422, "Invalid content"),
        /** Too many requests; try again later. */
        TOO_MANY("too-many", 429, "Too many requests"),
        /** A part that is needed is not there at the moment. */
        UNAVAILABLE("unavailable", 503, "Not available at the moment");

        private final String type;
        private final int status;
        private final String title;

        Kind(String type, int status, String title) {
            this.type = type;
            this.status = status;
            this.title = title;
        }

        /** The last part of the problem's {@code type} URI. */
        public String type() {
            return type;
        }

        /** The HTTP status that fits. */
        public int status() {
            return status;
        }

        /** A short sentence, the same for every problem of this kind. */
        public String title() {
            return title;
        }
    }

    private final Kind kind;
    private final transient Map<String, Object> extensions;

    /**
     * A refusal with further members for machines.
     *
     * @param detail what was wrong and what was wanted, for people
     * @param extensions further members of the problem object, such as {@code line} and {@code column}
     */
    public ProblemException(Kind kind, String detail, Map<String, ?> extensions) {
        super(detail);
        this.kind = kind;
        this.extensions = new LinkedHashMap<>(extensions);
    }

    /** A refusal without further members. */
    public ProblemException(Kind kind, String detail) {
        this(kind, detail, Map.of());
    }

    /** There is no such thing. */
    public static ProblemException notFound(String what, String id) {
        return new ProblemException(Kind.NOT_FOUND, "There is no %s '%s'".formatted(what, id));
    }

    /** The content is wrong, at the named place. */
    public static ProblemException invalid(String pointer, String detail) {
        return new ProblemException(Kind.INVALID, detail, Map.of("pointer", pointer));
    }

    /** What kind of refusal this is. */
    public Kind kind() {
        return kind;
    }

    /** Further members for machines; never null. */
    public Map<String, Object> extensions() {
        return extensions;
    }
}
