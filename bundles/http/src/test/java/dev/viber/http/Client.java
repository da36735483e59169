package dev.viber.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;

/** Calls the listener as the outside does. */
final class Client {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    Client(int port) {
        this.port = port;
    }

    HttpRequest.Builder request(String path, String token) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return token.isEmpty() ? builder : builder.header("Authorization", "Bearer " + token);
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String token) throws IOException, InterruptedException {
        return send(request(path, token).build());
    }

    int status(String path, String token) throws IOException, InterruptedException {
        return get(path, token).statusCode();
    }

    /** Lines of a response that goes on; the last is {@code <end>}. */
    BlockingQueue<String> stream(String path, String token) {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        CompletableFuture<?> all = http.sendAsync(request(path, token).build(), HttpResponse.BodyHandlers.ofLines())
                .thenAccept(response -> Thread.startVirtualThread(() -> {
                    try {
                        response.body().forEach(lines::add);
                    } catch (java.io.UncheckedIOException e) {
                        lines.add("<cut>");
                    } finally {
                        lines.add("<end>");
                    }
                }));
        all.exceptionally(e -> {
            lines.add(e.toString());
            return null;
        });
        return lines;
    }

    Socket socket(String path, String token, String... subprotocols) {
        Socket socket = new Socket();
        WebSocket.Builder builder = http.newWebSocketBuilder().header("Authorization", "Bearer " + token);
        if (subprotocols.length > 0) {
            builder.subprotocols(subprotocols[0]);
        }
        socket.ws = builder.buildAsync(URI.create("ws://127.0.0.1:" + port + path), socket)
                .join();
        return socket;
    }

    static String next(BlockingQueue<String> queue) throws InterruptedException {
        String said = queue.poll(20, TimeUnit.SECONDS);
        return said == null ? "<nothing came>" : said;
    }

    /** A WebSocket whose texts and close code can be waited for. */
    @NullUnmarked
    static final class Socket implements WebSocket.Listener {
        WebSocket ws;
        final BlockingQueue<String> said = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();

        String ask(String text) throws InterruptedException {
            ws.sendText(text, true).join();
            return next(said);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                said.add(part.toString());
                part.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            said.add("<closed " + code + ">");
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            said.add("<error " + error + ">");
        }
    }
}
