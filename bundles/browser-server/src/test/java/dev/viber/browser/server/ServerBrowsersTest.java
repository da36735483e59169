package dev.viber.browser.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.net.GatewayAccess;
import dev.viber.api.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Promise;
import tools.jackson.databind.JsonNode;

/** What a viber asks its server for, over a line that breaks and to a server that is being replaced. */
class ServerBrowsersTest {
    private static final String SESSION = """
            {"id":"task-1","pool":"web","vm":"pool-web-0a1b2c","agent":"/api/v1/vms/pool-web-0a1b2c/agent",
             "devtools":"/api/v1/vms/pool-web-0a1b2c/devtools","since":"2026-01-01T00:00:00Z","until":"2026-01-01T01:00:00Z"}""";

    private record Reply(int status, String body) {}

    /** To one who waits in the queue. */
    private static final Reply HANGS = new Reply(-1, "");

    private final ConcurrentLinkedDeque<Reply> replies = new ConcurrentLinkedDeque<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    private final AtomicReference<String> token = new AtomicReference<>("vbr_1");
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private HttpServer server;
    private ServerBrowsers browsers;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(command -> Thread.ofVirtual().start(command));
        server.start();
        URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/behind");
        GatewayAccess access = new GatewayAccess() {
            @Override
            public URI base() {
                return base;
            }

            @Override
            public @Nullable String token() {
                return token.get();
            }

            @Override
            public @Nullable SSLContext trust() {
                return null;
            }
        };
        browsers = new ServerBrowsers(access, Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        browsers.close();
        goesOn.countDown();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add("%s %s %s"
                .formatted(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI(),
                        exchange.getRequestHeaders().getFirst("Authorization")));
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (body.length > 0) {
            bodies.add(Gateway.JSON.readTree(body));
        }
        Reply reply = replies.poll();
        if (HANGS.equals(reply)) {
            hanging.countDown();
            awaitQuietly(goesOn);
            reply = null;
        }
        if (reply == null || reply.status() == 0) {
            exchange.close(); // the line breaks
            return;
        }
        byte[] said = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), said.length == 0 ? -1 : said.length);
        exchange.getResponseBody().write(said);
        exchange.close();
    }

    @Test
    void aBrowserIsAskedForUntilThereIsAnAnswer() throws Exception {
        replies.add(new Reply(0, ""));
        replies.add(new Reply(503, "{\"detail\":\"no store came within 3 s\"}"));
        replies.add(new Reply(201, SESSION));
        BrowserSession session = browsers.acquire(new BrowserRequest(
                        "task-1", Duration.ofMinutes(10), Duration.ofSeconds(30), "web", List.of("10.1.2.3:443")))
                .getValue();
        assertThat(asked).hasSize(3).containsOnly("POST /behind/api/v1/browsers Bearer vbr_1");
        assertThat(bodies).allSatisfy(body -> {
            assertThat(body.path("id").asString()).isEqualTo("task-1");
            assertThat(body.path("limit_s").asInt()).isEqualTo(600);
            assertThat(body.path("patience_s").asInt()).isBetween(20, 30);
            assertThat(body.path("pool").asString()).isEqualTo("web");
            assertThat(body.path("egress").path(0).asString()).isEqualTo("10.1.2.3:443");
        });
        assertThat(session.agent().getPath()).isEqualTo("/behind/api/v1/vms/pool-web-0a1b2c/agent");
        assertThat(session.devtools().getPath()).isEqualTo("/behind/api/v1/vms/pool-web-0a1b2c/devtools");
        assertThat(session.token()).isEqualTo("vbr_1");
        assertThat(session.kind()).isEqualTo("server");
        assertThat(session.host()).startsWith("vm pool-web-0a1b2c of http://127.0.0.1:");
        assertThat(session.until()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
    }

    @Test
    void aRefusalIsFinalAndNoPatienceIsOneTry() {
        replies.add(new Reply(403, "{\"detail\":\"pool web does not have 10.0.0.0/8\"}"));
        assertThatThrownBy(() -> browsers.acquire(BrowserRequest.of("a")).getValue())
                .hasRootCauseInstanceOf(ProblemException.class)
                .hasRootCauseMessage("pool web does not have 10.0.0.0/8");
        replies.add(new Reply(503, "{\"detail\":\"no browser of pool web came free within 0 s\"}"));
        assertThatThrownBy(() -> browsers.acquire(
                                new BrowserRequest("a", Duration.ofMinutes(1), Duration.ZERO, null, null))
                        .getValue())
                .hasRootCauseMessage("no browser of pool web came free within 0 s");
        assertThat(asked).hasSize(2);
    }

    @Test
    void whatIsGoneAlreadyIsGivenBack() throws Exception {
        replies.add(new Reply(0, ""));
        replies.add(new Reply(404, "{\"detail\":\"There is no session 'a'\"}"));
        token.set("vbr_2");
        assertThat(browsers.release("a").getValue()).isNull();
        assertThat(asked).hasSize(2).containsOnly("DELETE /behind/api/v1/browsers/a Bearer vbr_2");
    }

    @Test
    void whatIsGivenBackIsNotAskedForAnyMore() throws Exception {
        replies.add(HANGS);
        replies.add(new Reply(404, "{\"detail\":\"There is no session 'a'\"}"));
        Promise<BrowserSession> waiting = browsers.acquire(BrowserRequest.of("a"));
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(browsers.release("a").getValue()).isNull();
        assertThat(waiting.isDone()).isTrue();
        assertThat(waiting.getFailure())
                .hasMessage("session a was given back")
                .extracting("kind")
                .isEqualTo(ProblemException.Kind.GONE);
        goesOn.countDown();
        assertThat(asked).extracting(one -> one.split(" ", 2)[0]).containsExactly("POST", "DELETE");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The task that asked would have its browser from elsewhere, and stay there. */
    @Test
    void aServerThatIsStartedOverHasItsBrowsersStill() throws Exception {
        replies.add(new Reply(0, ""));
        replies.add(new Reply(503, "{\"detail\":\"no pools came within 3 s\"}"));
        replies.add(new Reply(200, "{\"able\":true,\"reason\":\"pools of microVMs: web\",\"sessions\":[]}"));
        assertThat(browsers.probe().able()).isTrue();
    }

    @Test
    void whyThereAreNoneIsTold() throws Exception {
        replies.add(new Reply(200, "{\"able\":false,\"reason\":\"the server has no pool\",\"sessions\":[]}"));
        assertThat(browsers.probe().reason()).isEqualTo("the server has no pool");
        replies.add(new Reply(404, "<html>not here</html>"));
        assertThat(browsers.probe().reason()).isEqualTo("HTTP status 404");
        server.stop(0);
        assertThat(browsers.probe())
                .matches(probe -> !probe.able())
                .extracting(Browsers.Probe::reason, InstanceOfAssertFactories.STRING)
                .startsWith("the server at http://127.0.0.1:")
                .contains("does not answer");
    }
}
