package dev.viber.controller;

import dev.viber.api.net.GatewayAccess;
import dev.viber.api.plugin.PluginSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Gets what the gateway offers over HTTP, from where the socket is dialled, with the viber's own token. */
final class Fetching implements PluginSource {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What another try does not change; all else, a refused token included, may be otherwise next time. */
    private static final Set<Integer> FINAL = Set.of(404, 409, 410, 422);

    private static final int MOST_OF_A_REFUSAL = 4096;

    private final @Nullable GatewayAccess gateway;

    /** Null for no gateway. */
    Fetching(@Nullable GatewayAccess gateway) {
        this.gateway = gateway;
    }

    /** A client for one jar: they are few, and what is trusted may be another at the next. */
    private static HttpClient client(GatewayAccess gateway) throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .executor(command -> Thread.ofVirtual().name("controller-fetch").start(command));
        SSLContext trust = gateway.trust();
        return (trust == null ? builder : builder.sslContext(trust)).build();
    }

    @Override
    public InputStream open(String href) throws IOException, InterruptedException {
        if (gateway == null) {
            throw new IOException("no server is configured");
        }
        if (!href.startsWith("/") || href.startsWith("//")) {
            throw new NotOfferedException("'%s' is no path on the gateway".formatted(href));
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(gateway.base() + href)).timeout(PATIENCE);
        String token = gateway.token();
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<InputStream> response = client(gateway).send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            String why = "the gateway does not give the jar (HTTP status %d): %s"
                    .formatted(
                            response.statusCode(),
                            new String(body.readNBytes(MOST_OF_A_REFUSAL), StandardCharsets.UTF_8));
            throw FINAL.contains(response.statusCode()) ? new NotOfferedException(why) : new IOException(why);
        }
    }
}
