package dev.viber.legacy;

import dev.viber.api.problem.ProblemException.Kind;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import tools.jackson.databind.json.JsonMapper;

/** Answers in JSON. */
final class Answers {
    private Answers() {}

    static void give(Response response, Callback callback, int status, String type, Object body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(JsonMapper.shared().writeValueAsBytes(body)), callback);
    }

    /** A problem, as RFC 9457 has it, with the first Viper's member {@code error}. */
    static void refuse(Response response, Callback callback, Kind kind, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "urn:viber:problem:" + kind.type());
        problem.put("title", kind.title());
        problem.put("status", kind.status());
        problem.put("detail", detail);
        problem.put("error", detail);
        give(response, callback, kind.status(), "application/problem+json", problem);
    }
}
