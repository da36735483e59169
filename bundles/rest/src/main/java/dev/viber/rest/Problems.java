package dev.viber.rest;

import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures as RFC 9457 problems. */
final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    /** Answers with the problem that fits; what was not foreseen is logged under an id, and only the id goes out. */
    static void answer(Throwable failure, Response response, Callback callback) {
        Throwable cause = unwrap(failure);
        if (response.isCommitted()) {
            LOG.debug("A response under way was cut off", cause);
            callback.failed(cause);
            return;
        }
        response.reset();
        switch (cause) {
            case ProblemException problem -> {
                allow(problem, response);
                send(
                        problem.kind().type(),
                        problem.kind().status(),
                        problem.kind().title(),
                        Objects.requireNonNullElse(
                                problem.getMessage(), problem.kind().title()),
                        problem.extensions(),
                        response,
                        callback);
            }
            case GateShutException shut -> {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
                Kind kind = Kind.UNAVAILABLE;
                String detail = Objects.requireNonNullElse(shut.getMessage(), kind.title());
                send(kind.type(), kind.status(), kind.title(), detail, Map.of(), response, callback);
            }
            default -> {
                String id = UUID.randomUUID().toString();
                LOG.error("Unexpected failure {}", id, cause);
                String detail = "Something unforeseen went wrong; the server's log tells more under " + id;
                send("internal", 500, "Internal error", detail, Map.of("errorId", id), response, callback);
            }
        }
    }

    private static void allow(ProblemException problem, Response response) {
        if (problem.extensions().get("allow") instanceof String allowed) {
            response.getHeaders().put(HttpHeader.ALLOW, allowed);
        }
        if (problem.extensions().get("contentRange") instanceof String range) {
            response.getHeaders().put(HttpHeader.CONTENT_RANGE, range);
        }
        if (problem.kind() == Kind.UNAUTHORIZED) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof InvocationTargetException && cause != null ? unwrap(cause) : failure;
    }

    private static void send(
            String type,
            int status,
            String title,
            String detail,
            Map<String, Object> extensions,
            Response response,
            Callback callback) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:viber:problem:" + type);
        body.put("title", title);
        body.put("status", status);
        body.put("detail", detail);
        body.put("error", detail);
        extensions.forEach(body::putIfAbsent);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(body)), callback);
    }
}
