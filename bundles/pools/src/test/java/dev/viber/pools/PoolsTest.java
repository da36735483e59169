package dev.viber.pools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.browser.PoolDesk.State;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Store;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;

/** One browser for each session, none twice, whatever is killed in between. */
class PoolsTest {
    @TempDir
    Path dir;

    private Bench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(dir).pool("web", 1, null);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    @Test
    void whoAsksAgainKeepsThePlaceAndHasOneBrowser() throws Exception {
        Session first = bench.ask("web", "a").getValue();
        Promise<Session> waiting = bench.ask("web", "b");
        Promise<Session> again = bench.ask("web", "b");
        Promise<Session> behind = bench.ask("web", "c");
        assertThat(bench.pools().find("web").orElseThrow().queue())
                .extracting(one -> one.id() + " " + one.place())
                .containsExactly("b 1", "c 2");
        bench.pools().release("web", "a").getValue();
        Session second = waiting.getValue();
        assertThat(again.getValue()).isEqualTo(second);
        assertThat(second.vm()).isNotEqualTo(first.vm());
        assertThat(behind.isDone()).isFalse();
        assertThat(bench.made).hasSize(2);
    }

    @Test
    void aBrowserThatWasSomebodysIsNobodyElses() throws Exception {
        Session first = bench.ask("web", "a").getValue();
        // Killed between the end of the session and that of its VM.
        Gate<Store> store = new Gate<>("store", Duration.ofSeconds(1));
        store.open(bench.store);
        PoolBook book = new PoolBook(store);
        book.end(first, "it was given back");
        bench.again();
        Session second = bench.ask("web", "b").getValue();
        assertThat(second.vm()).isNotEqualTo(first.vm());
        assertThat(bench.isThere(first.vm())).isFalse();
        bench.pools().delete("web").getValue();
        assertThat(book.used("web")).isEmpty();
        assertThat(book.startingWith("")).isEmpty();
    }

    @Test
    void whoGivesBackWhatTheyWaitForIsGivenNothing() throws Exception {
        bench.ask("web", "a").getValue();
        Promise<Session> waiting = bench.ask("web", "b");
        assertThatThrownBy(() -> bench.pools().release("web", "b"))
                .hasMessageContaining("session b had no browser yet, and does not wait for one any more");
        assertThat(waiting.getFailure())
                .hasMessageContaining("it was given back")
                .extracting("kind")
                .isEqualTo(Kind.GONE);
        Promise<BrowserSession> other = bench.browsers.get().acquire(Bench.request("c"));
        bench.browsers.get().release("c").getValue();
        assertThat(other.getFailure()).extracting("kind").isEqualTo(Kind.GONE);
        assertThat(bench.pools().find("web").orElseThrow().queue()).isEmpty();
    }

    /** Its VM is looked at while it is given back. */
    @Test
    void whoGivesBackWhatIsJustComingIsGivenNothing() throws Exception {
        CountDownLatch looked = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        bench.atHealth = () -> {
            looked.countDown();
            try {
                goesOn.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        Promise<Session> waiting = bench.ask("web", "a");
        assertThat(looked.await(30, TimeUnit.SECONDS)).isTrue();
        Promise<Session> behind = bench.ask("web", "b");
        assertThatThrownBy(() -> bench.pools().release("web", "a")).isInstanceOf(ProblemException.class);
        goesOn.countDown();
        assertThat(waiting.getFailure()).extracting("kind").isEqualTo(Kind.GONE);
        assertThat(behind.getValue().vm()).isEqualTo(bench.made.getFirst());
        assertThat(bench.pools().find("web").orElseThrow().sessions())
                .extracting(Session::id)
                .containsExactly("b");
    }

    @Test
    void aPoolIsDeletedThoughItsMachinesGoMeanwhile() throws Exception {
        bench.pools().change("web", null, 2).getValue();
        bench.ask("web", "a").getValue();
        bench.ask("web", "b").getValue();
        bench.atDelete = _ -> bench.vanish();
        bench.pools().delete("web").getValue();
        assertThat(bench.pools().find("web")).isEmpty();
        bench.atDelete = _ -> {};
        bench.pool("web", 1, null).ask("web", "a").getValue();
    }

    @Test
    void aPoolWhoseDeletionFailedCanBeDeletedAgain() throws Exception {
        bench.ask("web", "a").getValue();
        bench.atDelete = _ -> {
            throw new ProblemException(Kind.UNAVAILABLE, "the disk does not answer");
        };
        assertThat(bench.pools().delete("web").getFailure()).hasMessage("the disk does not answer");
        assertThat(bench.pools().find("web").orElseThrow().trouble()).isEqualTo("pool web is deleted");
        bench.atDelete = _ -> {};
        bench.pools().delete("web").getValue();
        assertThat(bench.isThere(bench.made.getFirst())).isFalse();
        bench.pool("web", 1, null);
    }

    @Test
    void anErrorIsToldToWhoeverAsked() throws Exception {
        bench.ask("web", "a").getValue();
        bench.atDelete = _ -> {
            throw new NoClassDefFoundError("of a bundle that is being replaced");
        };
        assertThat(bench.pools().release("web", "a").timeout(30_000).getFailure())
                .isInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void whatIsBeingMadeGoesWithItsPool() throws Exception {
        Deferred<Boolean> late = new PromiseFactory(null).deferred();
        bench.late = late;
        Promise<Session> waiting = bench.ask("web", "a");
        while (bench.made.isEmpty()) {
            Thread.onSpinWait();
        }
        Promise<State> deleted = bench.pools().delete("web");
        assertThat(waiting.getFailure()).hasMessage("pool web is deleted");
        bench.listed.drainPermits();
        // Not with the first list: one that waits for nothing has another for what it was and for what it deletes.
        assertThat(bench.listed.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
        late.resolve(true);
        deleted.getValue();
        assertThat(bench.isThere(bench.made.getFirst())).isFalse();
    }

    @Test
    void aSessionWhoseMachineDiedIsNotGivenAgain() throws Exception {
        Session first = bench.ask("web", "a").getValue();
        assertThat(bench.ask("web", "a").getValue()).isEqualTo(first);
        bench.crash(first.vm());
        assertThat(bench.ask("web", "a").getValue().vm()).isNotEqualTo(first.vm());
    }

    @Test
    void aStoreThatDoesNotAnswerYetIsAskedAgain() throws Exception {
        AtomicBoolean away = new AtomicBoolean(true);
        bench.again((Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (away.getAndSet(false)) {
                        throw new IllegalStateException("it is not there yet");
                    }
                    return method.invoke(bench.store, arguments);
                }));
        assertThat(bench.pools().find("web")).isPresent();
    }

    /** The name is free from the moment its row is gone, and the one who deletes has not gone on yet. */
    @Test
    void aPoolThatIsMadeWhileOneOfItsNameGoesStays() throws Exception {
        AtomicBoolean goes = new AtomicBoolean();
        bench.again((Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    Object answer = method.invoke(bench.store, arguments);
                    if (answer instanceof Promise<?> written && goes.getAndSet(false)) {
                        written.getValue();
                        bench.pool("web", 2, null);
                    }
                    return answer;
                }));
        goes.set(true);
        bench.pools().delete("web").getValue();
        assertThat(bench.pools().find("web").orElseThrow().pool().most()).isEqualTo(2);
        bench.ask("web", "a").getValue();
    }

    @Test
    void aShortageIsSaidOnceForAsLongAsItLasts() throws Exception {
        bench.memoryMb = 1_000_000_000;
        try (Said said = new Said(PoolRun.class)) {
            bench.listed.drainPermits();
            for (int looks = 0; looks < 5; looks++) {
                bench.ask("web", "a");
                assertThat(bench.listed.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(said.lines()).singleElement().asString().contains("MiB of memory are free");
        }
        assertThat(bench.pools().find("web").orElseThrow().trouble()).contains("MiB of memory are free");
    }
}
