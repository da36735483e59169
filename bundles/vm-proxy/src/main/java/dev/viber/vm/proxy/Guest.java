package dev.viber.vm.proxy;

import dev.viber.vm.proxy.Stays.Stay;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(Guest.class);
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int CHUNK = 64 * 1024;
    /** Bytes of an answer, or of a line, that is held as a whole: a guest may say what it likes. */
    static final int LONGEST = 1024 * 1024;

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
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(guest, target));
        for (HttpField field : from.getHeaders()) {
            if (isPassed(field) && field.getValue() != null) {
                request.header(field.getName(), field.getValue());
            }
        }
        return request.header("Authorization", "Bearer " + token);
    }

    private static URI uri(InetSocketAddress guest, String target) {
        return URI.create("http://%s:%d%s".formatted(guest.getAddress().getHostAddress(), guest.getPort(), target));
    }

    /**
     * Sends what a client asked, body included; the answer's body is a stream to be closed.
     *
     * @param stay whose end is the call's, too
     */
    HttpResponse<InputStream> send(Stay stay, Request from, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return ask(stay, with(from, request));
    }

    /** A short answer, as a whole. */
    record Text(int status, String body) {}

    /**
     * As {@link #send}, for an answer that is short.
     *
     * @throws IOException where the guest does not answer, or with more than 1 MiB
     */
    Text text(Stay stay, Request from, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = send(stay, from, request);
        try (InputStream in = answer.body()) {
            byte[] body = in.readNBytes(LONGEST + 1);
            if (body.length > LONGEST) {
                throw new IOException("its answer is longer than %d bytes".formatted(LONGEST));
            }
            return new Text(answer.statusCode(), new String(body, StandardCharsets.UTF_8));
        }
    }

    private HttpResponse<InputStream> ask(Stay stay, HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<InputStream>> asked = client.sendAsync(request, BodyHandlers.ofInputStream());
        stay.onEnd(() -> asked.cancel(true));
        try {
            HttpResponse<InputStream> answer = asked.get();
            stay.onEnd(() -> cut(answer.body()));
            return answer;
        } catch (CancellationException e) {
            throw ended(e);
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case IOException failure -> failure;
                case CancellationException cancelled -> ended(cancelled);
                case null, default -> new IOException(e.getCause());
            };
        } catch (InterruptedException e) {
            asked.cancel(true);
            throw e;
        }
    }

    private static IOException ended(CancellationException cancelled) {
        return new IOException("its machine has ended", cancelled);
    }

    /** Whoever reads it is told that it is closed. */
    static void cut(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            LOG.debug("cutting a guest's answer off", e);
        }
    }

    private static HttpRequest with(Request from, HttpRequest.Builder request) {
        boolean hasBody = from.getLength() != 0 && !Set.of("GET", "HEAD").contains(from.getMethod());
        request.method(
                from.getMethod(),
                hasBody
                        ? length(from, BodyPublishers.ofInputStream(() -> Content.Source.asInputStream(from)))
                        : BodyPublishers.noBody());
        return request.build();
    }

    /** Asks a guest's agent on the server's own behalf; the answer's body is a stream to be closed. */
    HttpResponse<InputStream> get(Stay stay, String target, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(stay.door().agent(), target))
                .header("Authorization", "Bearer " + stay.door().token());
        headers.forEach(request::header);
        return ask(stay, request.build());
    }

    private static HttpRequest.BodyPublisher length(Request from, HttpRequest.BodyPublisher body) {
        return from.getLength() > 0 ? BodyPublishers.fromPublisher(body, from.getLength()) : body;
    }

    /** Writes a guest's answer as it comes: each piece is flushed, so that streams stream. */
    static void pass(HttpResponse<InputStream> answer, Response response, Callback callback) throws IOException {
        try (InputStream in = answer.body()) {
            byte[] chunk = new byte[CHUNK];
            int count = in.read(chunk);
            head(answer, response); // no sooner: one that breaks off before its first byte is answered with a problem
            while (count >= 0) {
                Content.Sink.write(response, false, ByteBuffer.wrap(chunk, 0, count));
                count = in.read(chunk);
            }
        }
        response.write(true, null, callback);
    }

    private static void head(HttpResponse<InputStream> answer, Response response) {
        response.setStatus(answer.statusCode());
        answer.headers().map().forEach((name, values) -> {
            if (!NOT_PASSED.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                values.forEach(value -> response.getHeaders().add(name, value));
            }
        });
        answer.headers()
                .firstValueAsLong("content-length")
                .ifPresent(length -> response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length));
    }

    void close() {
        client.shutdownNow();
    }
}
