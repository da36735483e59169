package dev.viber.login;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** The fields of a form, each at most once, of bounded size; one without a value counts as not there (RFC 6749, 3.2). */
record Form(Map<String, String> fields) {
    private static final int MOST_BYTES = 8 * 1024;
    private static final int MOST_FIELDS = 32;
    private static final long MOST_DRAINED = 1024 * 1024;
    private static final String TYPE = "application/x-www-form-urlencoded";

    /** What is wrong with a form. */
    static final class BadFormException extends Exception {
        private static final long serialVersionUID = 1L;

        BadFormException(String message) {
            super(message);
        }
    }

    /** The form in a request's body. */
    static Form of(Request request) throws IOException, BadFormException {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        String word = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        byte[] body = body(request);
        if (!word.equals(TYPE)) {
            throw new BadFormException("The body is '%s'; wanted %s".formatted(type, TYPE));
        }
        return parse(new String(body, StandardCharsets.UTF_8));
    }

    private static byte[] body(Request request) throws IOException, BadFormException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] body = in.readNBytes(MOST_BYTES + 1);
            if (body.length > MOST_BYTES) {
                drain(in);
                throw new BadFormException("The body is larger than the %d bytes allowed".formatted(MOST_BYTES));
            }
            return body;
        }
    }

    /** Reads on to a bound what nobody wants: a sender whose body is not taken may never see the answer. */
    static void drain(Request request) throws IOException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            drain(in);
        }
    }

    private static void drain(InputStream in) throws IOException {
        byte[] scrap = new byte[MOST_BYTES];
        long left = MOST_DRAINED;
        for (int n = in.read(scrap); n >= 0 && left > 0; n = in.read(scrap)) {
            left -= n;
        }
    }

    /** The fields in a text such as {@code a=1&b=2}. */
    static Form parse(String text) throws BadFormException {
        Map<String, String> fields = new HashMap<>();
        String[] parts = text.split("&", MOST_FIELDS + 2);
        if (parts.length > MOST_FIELDS) {
            throw new BadFormException("There are more than the %d fields allowed".formatted(MOST_FIELDS));
        }
        for (String part : parts) {
            int equals = part.indexOf('=');
            String name = decoded(equals < 0 ? part : part.substring(0, equals));
            String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
            if (!value.isEmpty() && fields.put(name, value) != null) {
                throw new BadFormException("%s is there more than once".formatted(shown(name)));
            }
        }
        return new Form(fields);
    }

    private static String decoded(String text) throws BadFormException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new BadFormException("The body is not percent-encoded rightly");
        }
    }

    /** A text of a stranger as an error may show it. */
    static String shown(String text) {
        String clean = text.replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "?");
        return clean.length() > 200 ? clean.substring(0, 200) + "..." : clean;
    }

    /** A field. */
    Optional<String> get(String name) {
        return Optional.ofNullable(fields.get(name));
    }
}
