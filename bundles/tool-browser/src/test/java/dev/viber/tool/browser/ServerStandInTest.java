package dev.viber.tool.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** Which service a task's browser is had from, and what is made of the words of a server that stands before an agent. */
class ServerStandInTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private record Reply(int status, String body) {}

    /** Has browsers, all at one address, or says why not. */
    private class Shelf implements Browsers {
        private final String kind;
        private final String lack;
        private final List<String> acquired = new ArrayList<>();
        private final List<String> released = new ArrayList<>();

        Shelf(String kind, String lack) {
            this.kind = kind;
            this.lack = lack;
        }

        @Override
        public Probe probe() {
            return new Probe(lack.isEmpty(), lack);
        }

        @Override
        public Promise<BrowserSession> acquire(BrowserRequest request) {
            acquired.add(request.id());
            URI at = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
            return Promises.resolved(
                    new BrowserSession(request.id(), kind, "vm 1", at, at, "token", since, until, null));
        }

        @Override
        public List<BrowserSession> list() {
            return List.of();
        }

        @Override
        public Promise<Void> release(String id) {
            released.add(id);
            return Promises.resolved(null);
        }
    }

    private final ConcurrentLinkedDeque<Reply> replies = new ConcurrentLinkedDeque<>();
    private final AtomicInteger chrome = new AtomicInteger(1);
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile String profile = "{\"url\":\"about:blank\",\"origin\":\"null\"}";
    private HttpServer server;
    private Instant since = Instant.parse("2026-01-01T00:00:00Z");
    private Instant until = Instant.now().plusSeconds(60);

    @TempDir
    Path dir;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Reply reply;
        if (path.equals("/v1/profile/extract")) {
            reply = new Reply(200, profile.replaceFirst("}$", ",\"chrome_id\":\"" + chrome + "\"}"));
        } else if (path.equals("/v1/tabs")) {
            reply = new Reply(200, "{\"tabs\":[],\"chrome_id\":\"" + chrome + "\"}");
        } else {
            asked.add(path + " " + body.replaceFirst(",?\"timeout_ms\":\\d+", ""));
            reply = replies.remove();
            chrome.addAndGet(reply.body().contains("chrome_gone") ? 1 : 0);
        }
        byte[] said = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), said.length);
        exchange.getResponseBody().write(said);
        exchange.close();
    }

    private TaskBrowsers browsers(String kind) {
        return browsers(kind, Duration.ofMillis(1));
    }

    private TaskBrowsers browsers(String kind, Duration pause) {
        Map<String, Object> chosen = Map.of("profiles", dir.toString(), "kind", kind, "service_patience_ms", 200L);
        Settings settings = (Settings) Proxy.newProxyInstance(
                Settings.class.getClassLoader(),
                new Class<?>[] {Settings.class},
                (_, method, _) -> chosen.getOrDefault(method.getName(), method.getDefaultValue()));
        return new TaskBrowsers(settings, pause);
    }

    private static void add(TaskBrowsers browsers, Shelf shelf, int ranking) {
        browsers.bindBrowsers(shelf, Map.of(Browsers.KIND, shelf.kind, "service.ranking", ranking));
    }

    private static Map<String, Object> use(TaskBrowsers browsers) throws Exception {
        return browsers.use(new Task(), TIMEOUT, true, browser -> browser.post("/v1/x", Map.of()));
    }

    @Test
    void theFirstThatCanGiveOneDoesUnlessAnotherIsSet() throws Exception {
        Shelf vm = new Shelf("vm", "there is no pool");
        Shelf remote = new Shelf("server", "");
        Shelf local = new Shelf("local", "");
        TaskBrowsers chosen = browsers("");
        add(chosen, local, -100);
        add(chosen, remote, 0);
        add(chosen, vm, 100);
        replies.add(new Reply(200, "{}"));
        use(chosen);
        assertThat(remote.acquired).containsExactly("task-1");
        assertThat(chosen.giveBack("task-1")).isTrue();
        assertThat(remote.released).containsExactly("task-1");
        assertThat(local.acquired).isEmpty();

        TaskBrowsers forced = browsers("local");
        add(forced, remote, 0);
        add(forced, local, -100);
        replies.add(new Reply(200, "{}"));
        use(forced);
        assertThat(local.acquired).containsExactly("task-1");
        assertThat(forced.giveBack("task-1")).isTrue();

        TaskBrowsers nobody = browsers("vm");
        add(nobody, local, -100);
        assertThatThrownBy(() -> use(nobody))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("no service that has any of the kind 'vm' came");
        add(nobody, vm, 100);
        assertThatThrownBy(() -> use(nobody)).hasMessage("there is no browser: vm: there is no pool");
    }

    @Test
    void aTaskThatWasKilledWhileItWaitedKnowsWhereToGiveBack() throws Exception {
        Shelf remote = new Shelf("server", "") {
            @Override
            public Promise<BrowserSession> acquire(BrowserRequest request) {
                return Promises.failed(new IllegalStateException("the line broke"));
            }
        };
        TaskBrowsers first = browsers("");
        add(first, remote, 0);
        assertThatThrownBy(() -> use(first)).hasMessageContaining("the line broke");
        TaskBrowsers second = browsers("");
        add(second, remote, 0);
        assertThat(second.tasks()).containsExactly("task-1");
        assertThat(second.giveBack("task-1")).isTrue();
        assertThat(remote.released).containsExactly("task-1");
    }

    @Test
    void aServersRefusalIsNoAnswerOfTheAgent() throws Exception {
        Shelf remote = new Shelf("server", "");
        TaskBrowsers browsers = browsers("");
        add(browsers, remote, 0);
        replies.add(new Reply(200, "{}"));
        assertThat(use(browsers)).doesNotContainKey("fresh");

        // Over, as its machine died: another one goes on.
        replies.add(new Reply(410, problem("gone", "its VM is gone, or has crashed", ",\"late\":false")));
        replies.add(new Reply(200, "{}"));
        since = since.plusSeconds(1);
        assertThat(use(browsers)).containsEntry("fresh", true);
        assertThat(remote.acquired).hasSize(2);

        // Replaced: asked for again, it is the same one.
        replies.add(new Reply(503, problem("unavailable", "no supervisor of VMs came within 10 s", "")));
        replies.add(new Reply(200, "{}"));
        assertThat(use(browsers)).doesNotContainKey("fresh");
        assertThat(remote.acquired).hasSize(3);

        // Its machine is no more, or stands still; or another agent, with another token, is at its address.
        for (Reply each : List.of(
                new Reply(404, problem("not-found", "there is no VM", "")),
                new Reply(409, problem("conflict", "the VM does not run", "")),
                new Reply(401, "{\"error\":\"wrong token\",\"code\":\"refused\"}"))) {
            int before = remote.acquired.size();
            replies.add(each);
            replies.add(new Reply(200, "{}"));
            since = since.plusSeconds(1);
            assertThat(use(browsers)).containsEntry("fresh", true);
            assertThat(remote.acquired).hasSize(before + 1);
        }
        remote.acquired.clear();

        // Its time was over: that is told.
        replies.add(new Reply(410, problem("gone", "its time was over", ",\"late\":true")));
        assertThatThrownBy(() -> use(browsers))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("the browser's time was over: it might last until 20");
        assertThat(remote.acquired).isEmpty();

        // The agent's own refusals are its own.
        replies.add(new Reply(503, "{\"status\":\"error\",\"code\":\"not_there\",\"error\":\"a bundle was away\"}"));
        assertThatThrownBy(() -> use(browsers)).hasMessage("a bundle was away (not_there)");
    }

    private static final String OF_APP = """
            {"url":"https://app.example/cart","origin":"https://app.example","local_storage":{"token":"secret"}}""";

    /** The task's browser is lost; the next one is told these before the call is made again. */
    private Map<String, Object> useAnother(TaskBrowsers browsers, Reply... meanwhile) throws Exception {
        replies.add(new Reply(410, problem("gone", "its VM is gone, or has crashed", "")));
        replies.addAll(List.of(meanwhile));
        replies.add(new Reply(200, "{}"));
        since = since.plusSeconds(1);
        asked.clear();
        return use(browsers);
    }

    @Test
    void storageGoesToTheSiteItIsOfAndToNoOther() throws Exception {
        TaskBrowsers browsers = browsers("");
        add(browsers, new Shelf("server", ""), 0);
        profile = OF_APP;
        replies.add(new Reply(200, "{}"));
        use(browsers);
        assertThat(useAnother(
                        browsers,
                        new Reply(200, "{\"url\":\"https://app.example/basket\"}"),
                        new Reply(200, "{}"),
                        new Reply(200, "{}")))
                .containsEntry("restored", "https://app.example/cart")
                .doesNotContainKey("notRestored");
        assertThat(asked)
                .contains(
                        "/v1/profile/attach {\"local_storage\":{\"token\":\"secret\"},\"origin\":\"https://app.example\"}");

        // The login has run out, and the site sends its visitors elsewhere.
        assertThat(useAnother(browsers, new Reply(200, "{\"url\":\"https://idp.other/login\"}")))
                .containsEntry("fresh", true)
                .containsEntry(
                        "notRestored",
                        "the storage of https://app.example: the page that opened is of https://idp.other");
        assertThat(asked).noneMatch(each -> each.contains("secret"));
    }

    @Test
    void whatCannotBeRestoredIsToldOnceAndTheTaskGoesOn() throws Exception {
        TaskBrowsers browsers = browsers("");
        add(browsers, new Shelf("server", ""), 0);
        profile = OF_APP;
        replies.add(new Reply(200, "{}"));
        use(browsers);
        assertThat(useAnother(browsers, new Reply(502, "{\"error\":\"no way\",\"code\":\"navigation_failed\"}")))
                .containsEntry("fresh", true)
                .containsEntry("notRestored", "no way (navigation_failed)")
                .doesNotContainKey("restored");
        assertThat(asked).anyMatch(each -> each.contains("\"wait_until\":\"domcontentloaded\""));
        replies.add(new Reply(200, "{}"));
        assertThat(use(browsers)).isEmpty();
    }

    @Test
    void aChromeThatWasStartedAgainIsMadeWhatTheLastOneWas() throws Exception {
        TaskBrowsers browsers = browsers("");
        add(browsers, new Shelf("server", ""), 0);
        Reply there = new Reply(200, "{\"url\":\"https://app.example/cart\"}");
        Reply done = new Reply(200, "{}");
        profile = OF_APP;
        replies.add(done);
        use(browsers);

        // Between two calls.
        chrome.incrementAndGet();
        replies.addAll(List.of(there, done, done, done));
        assertThat(use(browsers)).containsEntry("fresh", true).containsEntry("restored", "https://app.example/cart");
        replies.add(done);
        assertThat(use(browsers)).isEmpty();

        // In the midst of one.
        replies.add(new Reply(502, "{\"error\":\"Chrome ended\",\"code\":\"chrome_gone\"}"));
        replies.addAll(List.of(there, done, done, done));
        assertThat(use(browsers)).containsEntry("fresh", true);
        replies.add(new Reply(502, "{\"error\":\"Chrome ended\",\"code\":\"chrome_gone\"}"));
        assertThatThrownBy(() -> browsers.use(new Task(), TIMEOUT, false, each -> each.post("/v1/x", Map.of())))
                .hasMessage("Chrome ended");

        // While the last answer of one was on its way: what is blank is not kept.
        replies.addAll(List.of(there, done, done, done));
        Map<String, Object> result = browsers.use(new Task(), TIMEOUT, false, each -> {
            Map<String, Object> answer = each.post("/v1/x", Map.of());
            chrome.incrementAndGet();
            profile = "{\"url\":\"about:blank\",\"origin\":\"null\"}";
            return answer;
        });
        assertThat(result).containsEntry("fresh", true);
        replies.addAll(List.of(there, done, done, done));
        assertThat(use(browsers)).containsEntry("restored", "https://app.example/cart");
    }

    @Test
    void aBrowserWhoseTimeIsOverIsNotAskedAnyMore() throws Exception {
        TaskBrowsers browsers = browsers("");
        add(browsers, new Shelf("server", ""), 0);
        until = Instant.now().minusSeconds(1);
        replies.add(new Reply(200, "{}"));
        use(browsers);
        asked.clear();
        assertThatThrownBy(() -> use(browsers)).hasMessageContaining("the browser's time was over");
        assertThat(asked).isEmpty();
        replies.add(new Reply(200, "{}"));
        assertThat(use(browsers)).isEmpty();
    }

    @Test
    void aBrowserOfATaskThatEndedIsGivenBackWhenItsServerIsThereAgain() throws Exception {
        CountDownLatch given = new CountDownLatch(1);
        AtomicInteger tries = new AtomicInteger();
        Shelf remote = new Shelf("server", "") {
            @Override
            public Promise<Void> release(String id) {
                return switch (tries.incrementAndGet()) {
                    case 1 -> Promises.failed(new IllegalStateException("the server is away"));
                    case 2 -> throw new ProblemException(ProblemException.Kind.UNAVAILABLE, "it is being replaced");
                    default -> {
                        given.countDown();
                        yield super.release(id);
                    }
                };
            }
        };
        TaskBrowsers browsers = browsers("");
        add(browsers, remote, 0);
        replies.add(new Reply(200, "{}"));
        use(browsers);
        browsers.ended("task-1");
        assertThat(given.await(30, TimeUnit.SECONDS)).isTrue();
        browsers.close();
    }

    @Test
    void aTaskThatIsTriedAgainKeepsTheBrowserThatItUsesThen() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        AtomicInteger tries = new AtomicInteger();
        Shelf remote = new Shelf("server", "") {
            @Override
            public Promise<Void> release(String id) {
                tries.incrementAndGet();
                failed.countDown();
                return Promises.failed(new IllegalStateException("the server is away"));
            }
        };
        TaskBrowsers browsers = browsers("", Duration.ofMillis(500));
        add(browsers, remote, 0);
        replies.addAll(List.of(new Reply(200, "{}"), new Reply(200, "{}")));
        use(browsers);
        browsers.ended("task-1");
        assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
        use(browsers);
        Thread.sleep(800); // longer than its pause: that nothing happens has no event
        assertThat(tries).hasValue(1);
        browsers.close();
    }

    @Test
    void whoeverMayHaveABrowserOfATaskIsGivenItBack() throws Exception {
        AtomicInteger asks = new AtomicInteger();
        Shelf remote = new Shelf("server", "") {
            @Override
            public Promise<BrowserSession> acquire(BrowserRequest request) {
                return asks.incrementAndGet() == 1
                        ? super.acquire(request)
                        : Promises.failed(new IllegalStateException("the server is away"));
            }
        };
        Shelf local = new Shelf("local", "");
        TaskBrowsers browsers = browsers("");
        add(browsers, remote, 0);
        add(browsers, local, -100);
        replies.addAll(List.of(
                new Reply(200, "{}"), new Reply(503, problem("unavailable", "away", "")), new Reply(200, "{}")));
        use(browsers);
        use(browsers);
        assertThat(local.acquired).containsExactly("task-1");
        // Also by a viber that was killed and is there again.
        TaskBrowsers next = browsers("");
        add(next, remote, 0);
        add(next, local, -100);
        assertThat(next.giveBack("task-1")).isTrue();
        assertThat(remote.released).containsExactly("task-1");
        assertThat(local.released).containsExactly("task-1");
    }

    @Test
    void whatHasBeenDoneIsNotDoneAgainWhereTheServerGoesAwayBehindIt() throws Exception {
        TaskBrowsers browsers = browsers("");
        add(browsers, new Shelf("server", ""), 0);
        Reply done = new Reply(200, "{}");
        Reply away = new Reply(503, problem("unavailable", "it is being replaced", ""));
        TaskBrowsers.Action pays = browser -> {
            browser.post("/v1/pay", Map.of());
            return browser.get("/v1/bill");
        };
        // Before anything was done it is begun again, as often as it takes; then what came of it is asked for again.
        replies.addAll(List.of(away, away, away, done, away, done));
        browsers.use(new Task(), TIMEOUT, false, pays);
        assertThat(asked)
                .containsExactly("/v1/pay {}", "/v1/pay {}", "/v1/pay {}", "/v1/pay {}", "/v1/bill ", "/v1/bill ");
        // Another Chrome knows nothing of what was done.
        asked.clear();
        replies.addAll(List.of(done, away));
        assertThatThrownBy(() -> browsers.use(new Task(), TIMEOUT, false, browser -> {
                    browser.post("/v1/pay", Map.of());
                    chrome.incrementAndGet();
                    return browser.get("/v1/bill");
                }))
                .hasMessage("it is being replaced");
        assertThat(asked).containsExactly("/v1/pay {}", "/v1/bill ");
    }

    @Test
    void whatEarlierVersionsKeptIsOfItsAddress() {
        Keepsake kept = Keepsake.read("{\"url\":\"http://ada:pw@app.example:8080/a?b@c\",\"profile\":{}}");
        assertThat(kept.origin()).isEqualTo("http://app.example:8080");
        assertThat(Keepsake.read("{\"url\":\"about:blank\"}").origin()).isEmpty();
    }

    private static String problem(String type, String detail, String more) {
        return "{\"type\":\"urn:viber:problem:%s\",\"detail\":\"%s\"%s}".formatted(type, detail, more);
    }
}
