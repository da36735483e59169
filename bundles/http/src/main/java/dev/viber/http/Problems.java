package dev.viber.http;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Writes refusals as RFC 9457 problems; also the error page of everything Jetty refuses by itself. */
final class Problems implements Request.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Answers with a refusal and the headers that belong to it. */
    static void write(Response response, Callback callback, ProblemException problem, List<HttpField> headers) {
        for (HttpField header : headers) {
            response.getHeaders().put(header);
        }
        Kind kind = problem.kind();
        write(
                response,
                callback,
                kind.type(),
                kind.title(),
                kind.status(),
                String.valueOf(problem.getMessage()),
                problem.extensions());
    }

    /** Answers with JSON. */
    static void json(Response response, Callback callback, int status, String contentType, Map<String, ?> body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(JSON.writeValueAsBytes(body)), callback);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Throwable cause = (Throwable) request.getAttribute(ErrorHandler.ERROR_EXCEPTION);
        int status = statusOf(request, response, cause);
        if (status >= HttpStatus.INTERNAL_SERVER_ERROR_500 && cause != null) {
            LOG.error("{} {} failed", request.getMethod(), Request.getPathInContext(request), cause);
        }
        if (cause instanceof ProblemException problem) {
            write(response, callback, problem, List.of());
            return true;
        }
        @Nullable Kind kind = kindOf(status);
        String title = kind != null ? kind.title() : Objects.requireNonNullElse(HttpStatus.getMessage(status), "Error");
        // The message of an unforeseen exception may tell of the inside, so it goes into the log only.
        Object said =
                status < HttpStatus.INTERNAL_SERVER_ERROR_500 ? request.getAttribute(ErrorHandler.ERROR_MESSAGE) : null;
        String detail = said == null ? title : said.toString();
        if (status == HttpStatus.BAD_REQUEST_400 && detail.equals(HttpStatus.getMessage(status))) {
            detail = "The request is not well-formed; its path is to be percent-encoded UTF-8, without %00";
        }
        write(response, callback, kind != null ? kind.type() : "http-" + status, title, status, detail, Map.of());
        return true;
    }

    private static int statusOf(Request request, Response response, @Nullable Throwable cause) {
        if (cause instanceof ProblemException problem) {
            return problem.kind().status();
        }
        if (request.getAttribute(ErrorHandler.ERROR_STATUS) instanceof Integer status) {
            return status;
        }
        if (cause instanceof HttpException refused) {
            return refused.getCode();
        }
        return response.getStatus() >= HttpStatus.BAD_REQUEST_400
                ? response.getStatus()
                : HttpStatus.INTERNAL_SERVER_ERROR_500;
    }

    private static @Nullable Kind kindOf(int status) {
        for (Kind kind : Kind.values()) {
            if (kind.status() == status) {
                return kind;
            }
        }
        return null;
    }

    private static void write(
            Response response,
            Callback callback,
            String type,
            String title,
            int status,
            String detail,
            Map<String, Object> extensions) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:viber:problem:" + type);
        body.put("title", title);
        body.put("status", status);
        body.put("detail", detail);
        body.put("error", detail);
        extensions.forEach(body::putIfAbsent);
        json(response, callback, status, "application/problem+json", body);
    }
}
