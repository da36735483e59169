package dev.viber.itest.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A client as the first Viper's own: it sends no credential, and knows that Viper's paths alone. */
final class FirstViper implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    /** Of a listener, as {@code http://127.0.0.1:7778}. */
    FirstViper(String base) {
        this.base = base;
    }

    /** Sends JSON; headers as name and value by turns. */
    HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("User-Agent", "Go-http-client/1.1")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    JsonNode json(String method, String path, String body, int status) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(method, path, body);
        if (answer.statusCode() != status) {
            throw new IllegalStateException(
                    "%s %s: %d: %s".formatted(method, path, answer.statusCode(), answer.body()));
        }
        return answer.body().isEmpty() ? null : Rest.JSON.readTree(answer.body());
    }

    /** Opens an event stream, whose lines come as they are sent. */
    java.util.stream.Stream<String> events(String lastEventId) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + "/api/v1/events/vms")).header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return client.send(request.build(), BodyHandlers.ofLines()).body();
    }

    /** A socket: its text messages, and at last its close code as a text. */
    static final class Socket implements WebSocket.Listener {
        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();
        private WebSocket socket;

        /** What comes next. */
        String next() throws InterruptedException {
            String text = texts.poll(60, TimeUnit.SECONDS);
            if (text == null) {
                throw new IllegalStateException("nothing came within 60 s");
            }
            return text;
        }

        void send(String text) {
            socket.sendText(text, true).join();
        }

        void close() {
            socket.abort();
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            part.append(text);
            if (last) {
                texts.add(part.toString());
                part.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            texts.add("closed " + code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            texts.add("failed " + failure);
        }
    }

    Socket socket(String path) {
        Socket listener = new Socket();
        listener.socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(base.replaceFirst("^http", "ws") + path), listener)
                .join();
        return listener;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
