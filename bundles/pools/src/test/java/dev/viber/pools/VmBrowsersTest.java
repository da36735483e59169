package dev.viber.pools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.problem.ProblemException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Promise;

/** A task of the same framework has the browser that is its, from the pool that fits. */
class VmBrowsersTest {
    private static final String SERVICE = "10.1.2.3:443";

    @TempDir
    Path dir;

    private Bench bench;
    private Browsers browsers;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(dir).pool("web", 1, null);
        browsers = bench.browsers.get();
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    @Test
    void aSessionStaysInItsPoolWhateverPoolsThereAre() throws Exception {
        BrowserSession first = browsers.acquire(Bench.request("a")).getValue();
        Promise<BrowserSession> waiting = browsers.acquire(Bench.request("b"));
        bench.pool("alpha", 1, null);
        assertThat(browsers.acquire(Bench.request("a")).getValue().host()).isEqualTo(first.host());
        Promise<BrowserSession> again = browsers.acquire(Bench.request("b"));
        browsers.release("a").getValue();
        assertThat(again.getValue().host()).isEqualTo(waiting.getValue().host()).startsWith("vm pool-web-");
    }

    @Test
    void egressIsThePools() throws Exception {
        bench.pool("wide", 1, List.of(SERVICE));
        browsers.acquire(asking("a", SERVICE)).getValue();
        assertThat(bench.pools().find("wide").orElseThrow().sessions())
                .extracting(Session::id)
                .containsExactly("a");
        assertThatThrownBy(() -> browsers.acquire(asking("b", "10.0.0.0/8")))
                .hasMessageContaining("pool web does not have 10.0.0.0/8")
                .extracting("kind")
                .isEqualTo(Kind.FORBIDDEN);
    }

    @Test
    void whatIsOverIsNotUsed() throws Exception {
        browsers.acquire(Bench.request("a")).getValue();
        browsers.use("a").close();
        browsers.release("a").getValue();
        assertThatThrownBy(() -> browsers.use("a"))
                .hasMessageContaining("session a is over")
                .extracting("kind")
                .isEqualTo(Kind.GONE);
    }

    private static BrowserRequest asking(String id, String egress) {
        return new BrowserRequest(id, Duration.ofMinutes(10), Duration.ofSeconds(30), null, List.of(egress));
    }
}
