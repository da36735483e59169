package dev.viber.live.view;

import dev.viber.api.auth.Guesses;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import tools.jackson.databind.json.JsonMapper;

/** Writes answers that nobody may keep. */
final class Answers {
    private Answers() {}

    /** An object. */
    static void json(Response response, Callback callback, int status, Map<String, ?> body) {
        bytes(
                response,
                callback,
                status,
                "application/json",
                JsonMapper.shared().writeValueAsBytes(body));
    }

    /** Anything. */
    static void bytes(Response response, Callback callback, int status, String type, byte[] body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    /** A problem, as RFC 9457 has it, and with the first Viper's member {@code error}. */
    static void refuse(Response response, Callback callback, RuntimeException e) {
        ProblemException problem = switch (e) {
            case ProblemException told -> told;
            case GateShutException shut ->
                new ProblemException(ProblemException.Kind.UNAVAILABLE, String.valueOf(shut.getMessage()));
            default -> throw e;
        };
        ProblemException.Kind kind = problem.kind();
        if (kind == ProblemException.Kind.UNAUTHORIZED) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        if (kind == ProblemException.Kind.UNAVAILABLE) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
        }
        Object seconds = problem.extensions().get(Guesses.RETRY_AFTER);
        if (seconds != null) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds.toString());
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:viber:problem:" + kind.type());
        body.put("title", kind.title());
        body.put("status", kind.status());
        body.put("detail", String.valueOf(problem.getMessage()));
        body.put("error", String.valueOf(problem.getMessage()));
        bytes(
                response,
                callback,
                kind.status(),
                "application/problem+json",
                JsonMapper.shared().writeValueAsBytes(body));
    }
}
