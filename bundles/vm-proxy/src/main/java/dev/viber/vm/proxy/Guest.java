package dev.viber.vm.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Passes one request on to a guest, and its answer back, streaming both; nothing of the server's own secrets goes along. */
final class Guest {
    /** Of one connection alone (RFC 9110, 7.6.1), or told anew by who sends. */
    private static final Set<String> NOT_PASSED = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect");
    /** What opens this server's doors is nobody else's business. */
    private static final Set<String> SECRET =
            Set.of("authorization", "cookie", "x-viper-api-key", "viber-wheel", "traceparent");

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int CHUNK = 64 * 1024;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(command -> Thread.ofVirtual().name("vm-proxy").start(command))
            .build();

    static boolean isPassed(HttpField field) {
        String name = field.getName().toLowerCase(Locale.ROOT);
        return !NOT_PASSED.contains(name) && !SECRET.contains(name);
    }

    /** A request to a guest, with its own token and the headers that may go along. */
    static HttpRequest.Builder request(Request from, InetSocketAddress guest, String target, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://%s:%d%s".formatted(guest.getAddress().getHostAddress(), guest.getPort(), target)));
        for (HttpField field : from.getHeaders()) {
            if (isPassed(field) && field.getValue() != null) {
                request.header(field.getName(), field.getValue());
            }
        }
        return request.header("Authorization", "Bearer " + token);
    }

    /** Sends what a client asked, body included; the answer's body is a stream to be closed. */
    HttpResponse<InputStream> send(Request from, HttpRequest.Builder request) throws IOException, InterruptedException {
        boolean hasBody = from.getLength() != 0 && !Set.of("GET", "HEAD").contains(from.getMethod());
        request.method(
                from.getMethod(),
                hasBody
                        ? length(from, BodyPublishers.ofInputStream(() -> Content.Source.asInputStream(from)))
                        : BodyPublishers.noBody());
        return client.send(request.build(), BodyHandlers.ofInputStream());
    }

    private static HttpRequest.BodyPublisher length(Request from, HttpRequest.BodyPublisher body) {
        return from.getLength() > 0 ? BodyPublishers.fromPublisher(body, from.getLength()) : body;
    }

    /** Writes a guest's answer as it comes: each piece is flushed, so that streams stream. */
    static void pass(HttpResponse<InputStream> answer, Response response, Callback callback) throws IOException {
        response.setStatus(answer.statusCode());
        answer.headers().map().forEach((name, values) -> {
            if (!NOT_PASSED.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                values.forEach(value -> response.getHeaders().add(name, value));
            }
        });
        answer.headers()
                .firstValueAsLong("content-length")
                .ifPresent(length -> response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length));
        try (InputStream in = answer.body()) {
            byte[] chunk = new byte[CHUNK];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                Content.Sink.write(response, false, ByteBuffer.wrap(chunk, 0, count));
            }
        }
        response.write(true, null, callback);
    }

    void close() {
        client.shutdownNow();
    }
}
