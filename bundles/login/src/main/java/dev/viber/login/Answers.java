package dev.viber.login;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import tools.jackson.databind.json.JsonMapper;

/** Writes answers that nobody may keep. */
final class Answers {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Answers() {}

    /** An object, as RFC 6749, 5.1 wants it. */
    static void json(Request request, Response response, Callback callback, int status, Map<String, ?> body) {
        response.getHeaders().put("Pragma", "no-cache");
        bytes(request, response, callback, status, "application/json", "no-store", JSON.writeValueAsBytes(body));
    }

    /** A page. */
    static void html(Request request, Response response, Callback callback, int status, String page) {
        bytes(
                request,
                response,
                callback,
                status,
                "text/html; charset=utf-8",
                "no-store",
                page.getBytes(StandardCharsets.UTF_8));
    }

    /** Anything; without its content where only the head was asked for. */
    static void bytes(
            Request request,
            Response response,
            Callback callback,
            int status,
            String type,
            String caching,
            byte[] content) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, caching);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        boolean head = request.getMethod().equals("HEAD");
        response.write(true, head ? ByteBuffer.allocate(0) : ByteBuffer.wrap(content), callback);
    }
}
