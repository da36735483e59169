package dev.viber.browser.server;

import dev.viber.api.net.GatewayAccess;
import dev.viber.api.rest.Routes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** One call of the gateway after the other, each as the viber's link is at that moment. */
final class Gateway implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.shared();
    /** Of a gateway, or a proxy before it, that is being replaced, or has too much to do. */
    private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);

    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final GatewayAccess access;
    private @Nullable HttpClient client;
    private @Nullable SSLContext trusted;

    /** What came back. */
    record Answer(int status, String body) {
        boolean isGood() {
            return status / 100 == 2;
        }

        /** Whether the same may succeed a little later. */
        boolean isPassing() {
            return PASSING.contains(status);
        }

        /** Why not, in the gateway's words where it has any. */
        String refusal() {
            try {
                String detail = JSON.readTree(body).path("detail").asString("");
                if (!detail.isEmpty()) {
                    return detail;
                }
            } catch (JacksonException e) {
                // A proxy before the gateway has pages of its own; the status says enough.
            }
            return "HTTP status " + status;
        }
    }

    Gateway(GatewayAccess access) {
        this.access = access;
    }

    GatewayAccess access() {
        return access;
    }

    /**
     * Sends a request.
     *
     * @param path below {@link Routes#BASE}
     * @param body as JSON; null for none
     * @throws IOException where no answer came; the message says from where
     */
    Answer send(String method, String path, @Nullable Object body, Duration timeout)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(access.base() + Routes.BASE + path))
                .timeout(timeout)
                .method(
                        method,
                        body == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        String token = access.token();
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response = client().send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new IOException(
                    "the server at %s does not answer: %s"
                            .formatted(
                                    access.base(),
                                    e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
                    e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same trust is the same object
    private synchronized HttpClient client() throws IOException {
        SSLContext trust = access.trust();
        HttpClient had = client;
        if (had != null && trust == trusted) {
            return had;
        }
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .executor(command -> Thread.ofVirtual().name("browser-server").start(command));
        HttpClient made = (trust == null ? builder : builder.sslContext(trust)).build();
        if (had != null) {
            had.shutdown();
        }
        client = made;
        trusted = trust;
        return made;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }
}
