package dev.viber.tool.browser;

import dev.viber.api.browser.BrowserSession;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLContext;

/** What speaks with agents: one client for all that Java trusts, and one for each other trust, of which there are few. */
final class Clients implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final ExecutorService threads;
    private final HttpClient usual;
    private final Map<SSLContext, HttpClient> others = new ConcurrentHashMap<>();

    Clients(ExecutorService threads) {
        this.threads = threads;
        usual = builder().build();
    }

    private HttpClient.Builder builder() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(threads)
                .connectTimeout(CONNECT);
    }

    AgentClient of(BrowserSession session) {
        SSLContext trust = session.trust();
        return new AgentClient(
                trust == null
                        ? usual
                        : others.computeIfAbsent(
                                trust, _ -> builder().sslContext(trust).build()),
                session);
    }

    @Override
    public void close() {
        usual.shutdownNow();
        others.values().forEach(HttpClient::shutdownNow);
    }
}
