package dev.viber.controller;

import dev.viber.api.store.Tables.ArtifactRow;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** How one artifact goes over HTTP: offered, then put from where the gateway has it to its end. */
final class ArtifactWire {
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** A put is answered when its last byte is synced; a slow line may take long to get there. */
    private static final Duration PUT = Duration.ofHours(24);

    /** The gateway answered with something else than success. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final long offset;

        Refused(int status, long offset, String message) {
            super(message);
            this.status = status;
            this.offset = offset;
        }

        /** Where to go on; negative where it does not say. */
        long offset() {
            return offset;
        }

        /** Whether the same may succeed later. */
        boolean isPassing() {
            return status >= 500 || status == 408 || status == 429 || status == 401;
        }
    }

    private final HttpClient http;
    private final URI server;
    private final String template;
    private final @Nullable String token;

    /** A wire to the server dialled, whose paths are as {@code welcome} said: with {@code {taskId}} and {@code {name}}. */
    ArtifactWire(HttpClient http, @Nullable URI server, String template, @Nullable String token) {
        this.http = http;
        this.server = Objects.requireNonNull(server, "an artifact is handed over on a connection");
        this.template = template;
        this.token = token;
    }

    private URI uri(String path) {
        return URI.create(Settings.http(server) + path);
    }

    private String path(ArtifactRow row) {
        return template.replace("{taskId}", encode(row.taskId())).replace("{name}", encode(row.name()));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Offers it; the offset to send from. */
    long offer(ArtifactRow row, int attempt) throws IOException, InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", row.name());
        body.put("type", row.type());
        body.put("bytes", row.bytes());
        body.put("sha256", row.sha256());
        body.put("attempt", attempt);
        String path = path(row);
        HttpRequest request = request(uri(path.substring(0, path.lastIndexOf('/'))))
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Frames.json(body)))
                .build();
        return send(request).path("offset").longValue(0);
    }

    /** Sends it from this offset to its end; returns when the gateway has it whole and durable. */
    void put(ArtifactRow row, int attempt, long offset) throws IOException, InterruptedException {
        try (FileChannel file = FileChannel.open(Path.of(row.location()), StandardOpenOption.READ)) {
            file.position(offset);
            long left = row.bytes() - offset;
            InputStream in = Channels.newInputStream(file);
            HttpRequest.Builder request = request(uri(path(row) + "?attempt=" + attempt))
                    .timeout(PUT)
                    .header("Content-Type", row.type())
                    .header(
                            "Repr-Digest",
                            "sha-256=:"
                                    + Base64.getEncoder()
                                            .encodeToString(HexFormat.of().parseHex(row.sha256()))
                                    + ":");
            if (offset > 0) {
                request.header("Content-Range", "bytes %d-%d/%d".formatted(offset, row.bytes() - 1, row.bytes()));
            }
            send(request.PUT(
                            left == 0
                                    ? BodyPublishers.noBody()
                                    : new Sized(BodyPublishers.ofInputStream(() -> in), left))
                    .build());
        }
    }

    /** A body whose length is known, so that it is announced. */
    private record Sized(BodyPublisher bytes, long contentLength) implements BodyPublisher {
        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            bytes.subscribe(subscriber);
        }
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        JsonNode body;
        try {
            body = Frames.JSON.readTree(response.body());
        } catch (JacksonException e) {
            body = Frames.JSON.createObjectNode();
        }
        int status = response.statusCode();
        if (status / 100 != 2) {
            String detail = body.path("detail").stringValue("");
            throw new Refused(
                    status, body.path("offset").longValue(-1), detail.isEmpty() ? "HTTP status " + status : detail);
        }
        return body;
    }
}
