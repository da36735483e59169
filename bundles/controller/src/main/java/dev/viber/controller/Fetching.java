package dev.viber.controller;

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

/** Gets what the gateway offers over HTTP, from where the socket is dialled, with the viber's own token. */
final class Fetching implements PluginSource {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What another try does not change; all else, a refused token included, may be otherwise next time. */
    private static final Set<Integer> FINAL = Set.of(404, 409, 410, 422);

    private static final int MOST_OF_A_REFUSAL = 4096;

    private final Settings settings;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .executor(command -> Thread.ofVirtual().name("controller-fetch").start(command))
            .build();

    Fetching(Settings settings) {
        this.settings = settings;
    }

    /** What a proxy before the gateway puts in front of its paths. */
    private static String prefix(URI server) {
        return server.getRawPath().substring(0, server.getRawPath().length() - Settings.PATH.length());
    }

    @Override
    public InputStream open(String href) throws IOException, InterruptedException {
        URI server = settings.server();
        if (server == null) {
            throw new IOException("no server is configured");
        }
        if (!href.startsWith("/") || href.startsWith("//")) {
            throw new NotOfferedException("'%s' is no path on the gateway".formatted(href));
        }
        String scheme = server.getScheme().equals("wss") ? "https" : "http";
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(scheme + "://" + server.getRawAuthority() + prefix(server) + href))
                .timeout(PATIENCE);
        String token = settings.currentToken();
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
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
