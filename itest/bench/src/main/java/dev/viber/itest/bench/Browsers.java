package dev.viber.itest.bench;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.browser.local.Chosen;
import dev.viber.browser.local.LocalBrowsers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.osgi.util.promise.Promise;
import tools.jackson.databind.JsonNode;

/** Where the sessions of a benchmark come from: each way a user has a browser. */
interface Browsers extends AutoCloseable {
    /** Somebody's browser: its DevTools, and the token they want. */
    record Held(String id, String devtools, String token) {}

    /** Takes one; waits where all are taken. */
    Held acquire(String id) throws IOException, InterruptedException;

    /** Gives it back; it is gone, or made new, when this returns. */
    void release(Held held) throws IOException, InterruptedException;

    /** Whether so many are ready for whoever comes next; always where none are kept ready. */
    boolean isWarm(int count) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;

    /** A pool of microVMs that is made for it. */
    static Browsers pool(Server server, String snapshot, int warm, int most, List<String> egress)
            throws IOException, InterruptedException {
        server.post(
                "/pools", Map.of("name", "bench", "snapshot", snapshot, "warm", warm, "most", most, "egress", egress));
        return new Browsers() {
            @Override
            public Held acquire(String id) throws IOException, InterruptedException {
                JsonNode session = server.post("/pools/bench/acquire", Map.of("id", id, "patience_s", 900));
                return held(server, id, session.path("vm").asString());
            }

            @Override
            public void release(Held held) throws IOException, InterruptedException {
                server.send("POST", "/pools/bench/release", Map.of("id", held.id()), 200);
            }

            @Override
            public boolean isWarm(int count) throws IOException, InterruptedException {
                return server.get("/pools/bench").path("ready").asInt() >= count;
            }

            @Override
            public void close() throws IOException {
                try {
                    server.send("DELETE", "/pools/bench", 204);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /** A microVM for each, made of a snapshot when it is asked for. */
    static Browsers vms(Server server, String snapshot, List<String> egress) {
        return new Browsers() {
            @Override
            public Held acquire(String id) throws IOException, InterruptedException {
                server.send("POST", "/vms?wait=ready", Map.of("name", id, "snapshot", snapshot, "egress", egress), 201);
                return held(server, id, id);
            }

            @Override
            public void release(Held held) throws IOException, InterruptedException {
                server.send("DELETE", "/vms/" + held.id(), 204);
            }

            @Override
            public boolean isWarm(int count) {
                return true;
            }

            @Override
            public void close() {
                // Each is gone with its session.
            }
        };
    }

    private static Held held(Server server, String id, String vm) {
        return new Held(id, "%s/vms/%s/devtools".formatted(server.api(), vm), server.token());
    }

    /** Processes of this machine, kept by the service of {@code browser-local}. */
    static Browsers local(Path home, Path folder, int warm, int most, List<String> egress) throws IOException {
        LocalBrowsers browsers = Chosen.browsers(Map.of(
                "folder", folder.toString(),
                "home", home.toString(),
                "sessions", most,
                "warm", warm,
                "egress", egress.toArray(String[]::new)));
        return new Browsers() {
            @Override
            public Held acquire(String id) throws IOException, InterruptedException {
                BrowserSession session = value(browsers.acquire(
                        new BrowserRequest(id, Duration.ofHours(1), Duration.ofMinutes(15), null, null)));
                return new Held(id, session.devtools().toString(), String.valueOf(session.token()));
            }

            @Override
            public void release(Held held) throws IOException, InterruptedException {
                value(browsers.release(held.id()));
            }

            @Override
            public boolean isWarm(int count) {
                return Chosen.warm(browsers) >= count;
            }

            @Override
            public void close() {
                Chosen.close(browsers);
            }
        };
    }

    private static <T> T value(Promise<T> promise) throws IOException, InterruptedException {
        try {
            return promise.getValue();
        } catch (InvocationTargetException e) {
            throw new IOException(e.getCause());
        }
    }
}
