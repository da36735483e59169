package dev.viber.pools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.auth.Tokens.Token;
import dev.viber.api.browser.BrowserDesk;
import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Promise;

/** A viber's browsers are its own, as wide as the pool has them, and last no longer than the viber does. */
class ViberBrowsersTest {
    private static final String SERVICE = "10.1.2.3:443";

    @TempDir
    Path dir;

    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private Bench bench;
    private ViberBrowsers browsers;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(dir).pool("plain", 2, null).pool("wide", 2, List.of(SERVICE));
        known.addAll(Set.of("box-1", "box-2"));
        browsers = new ViberBrowsers();
        browsers.bindStore(bench.store);
        browsers.bindTokens((Tokens) Proxy.newProxyInstance(
                Tokens.class.getClassLoader(),
                new Class<?>[] {Tokens.class},
                (proxy, method, given) -> switch (method.getName()) {
                    case "list" ->
                        known.contains(String.valueOf(given[0]))
                                ? List.of(new Token(
                                        "1", Role.VIBER, String.valueOf(given[0]), null, Instant.EPOCH, null, null))
                                : List.of();
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> null;
                }));
        browsers.bindPools(bench.pools());
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    private static void assertRefused(Kind kind, String words, ThrowingCallable call) {
        assertThatThrownBy(call).satisfies(thrown -> {
            Throwable said = thrown.getCause() == null ? thrown : thrown.getCause();
            assertThat(said).isInstanceOf(ProblemException.class).hasMessageContaining(words);
            assertThat(said).extracting("kind").isEqualTo(kind);
        });
    }

    private static BrowserRequest asking(String id, @Nullable String pool, @Nullable List<String> egress) {
        return new BrowserRequest(id, Duration.ofMinutes(10), Duration.ofSeconds(30), pool, egress);
    }

    @Test
    void eachHasItsOwn() throws Exception {
        Session one = browsers.acquire("box-1", Bench.request("task")).getValue();
        Session other = browsers.acquire("box-2", Bench.request("task")).getValue();
        assertThat(one.id()).isEqualTo("task");
        assertThat(other.vm()).isNotEqualTo(one.vm());
        assertThat(browsers.acquire("box-1", Bench.request("task")).getValue()).isEqualTo(one);
        assertThat(browsers.list("box-1")).containsExactly(one);
        // An operator's is not under any of a viber's names.
        Session operators = bench.ask("wide", "task").getValue();

        browsers.admit("box-1", one.vm());
        for (String vm : List.of(other.vm(), operators.vm(), "nothing")) {
            assertRefused(Kind.FORBIDDEN, "no session of viber box-1 has a VM", () -> browsers.admit("box-1", vm));
        }
        assertRefused(Kind.NOT_FOUND, "session", () -> browsers.release("box-3", "task"));
        browsers.release("box-1", "task").getValue();
        assertRefused(Kind.GONE, "session task has ended: it was given back", () -> browsers.admit("box-1", one.vm()));
        browsers.admit("box-2", other.vm());
        assertThat(bench.isThere(one.vm())).isFalse();
    }

    @Test
    void whatIsWaitedForIsGivenBackToo() throws Exception {
        for (String id : List.of("a", "b")) {
            browsers.acquire("box-1", asking(id, "plain", null)).getValue();
        }
        Promise<Session> waiting = browsers.acquire("box-1", asking("c", "plain", null));
        assertRefused(Kind.NOT_FOUND, "session", () -> browsers.release("box-2", "c"));
        assertRefused(Kind.NOT_FOUND, "had no browser yet", () -> browsers.release("box-1", "c"));
        assertRefused(Kind.GONE, "it was given back", waiting::getValue);
        browsers.release("box-1", "a").getValue();
        assertThat(browsers.list("box-1")).extracting(Session::id).containsExactly("b");
    }

    @Test
    void egressIsThePools() throws Exception {
        Session wide =
                browsers.acquire("box-1", asking("a", null, List.of(SERVICE))).getValue();
        assertThat(wide.pool()).isEqualTo("wide");
        assertRefused(
                Kind.FORBIDDEN,
                "pool plain does not have " + SERVICE,
                () -> browsers.acquire("box-1", asking("b", "plain", List.of(SERVICE))));
        assertRefused(
                Kind.FORBIDDEN,
                "pool wide does not have 10.0.0.0/8",
                () -> browsers.acquire("box-1", asking("b", null, List.of("10.0.0.0/8"))));
        assertRefused(Kind.NOT_FOUND, "other", () -> browsers.acquire("box-1", asking("b", "other", null)));
        assertThat(browsers.list("box-1")).hasSize(1);
    }

    @Test
    void theyEndWithTheirTimeAndWithTheirViber() throws Exception {
        Session brief = browsers.acquire(
                        "box-1", new BrowserRequest("brief", Duration.ofMillis(1), Duration.ofSeconds(30), null, null))
                .getValue();
        awaitEnd("box-1");
        assertRefused(Kind.GONE, "its time was over", () -> browsers.admit("box-1", brief.vm()));
        assertThatThrownBy(() -> browsers.admit("box-1", brief.vm()))
                .extracting(thrown -> ((ProblemException) thrown).extensions().get(BrowserDesk.LATE))
                .isEqualTo(true);

        Session last = browsers.acquire("box-1", Bench.request("last")).getValue();
        Session stays = browsers.acquire("box-2", Bench.request("stays")).getValue();
        known.remove("box-1");
        browsers.revoked(new Principal("1", Role.VIBER, "box-1"));
        awaitEnd("box-1");
        assertRefused(Kind.GONE, "its viber has no valid token", () -> browsers.admit("box-1", last.vm()));
        assertRefused(
                Kind.FORBIDDEN,
                "viber box-1 has no valid token",
                () -> browsers.acquire("box-1", Bench.request("more")).getValue());
        assertThat(browsers.list("box-2")).containsExactly(stays);
    }

    private void awaitEnd(String viberId) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!browsers.list(viberId).isEmpty() && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        assertThat(browsers.list(viberId)).isEmpty();
    }
}
