package dev.viber.browser.server;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.net.GatewayAccess;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.BrowserAcquireRequest;
import dev.viber.api.rest.BrowserRoutes;
import dev.viber.api.rest.BrowsersView;
import dev.viber.api.rest.SessionView;
import dev.viber.browser.server.Gateway.Answer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The browsers that the viber's server gives it. What is asked is asked again under the same id where the line broke or the
 * server was restarted: there it is one session all the same.
 */
@Component(
        immediate = true,
        property = {Browsers.KIND + "=" + ServerBrowsers.SERVER, "service.ranking:Integer=0"})
public final class ServerBrowsers implements Browsers {
    static final String SERVER = "server";

    private static final Logger LOG = LoggerFactory.getLogger(ServerBrowsers.class);
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Duration GIVEN_BACK = Duration.ofMinutes(2);
    /** For a server that is started over: a task that went elsewhere meanwhile would stay there. */
    private static final Duration BACK_WITHIN = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final long MOST_PATIENCE_S = 3600;
    private static final long MOST_LIMIT_S = 604_800;

    private final Gateway gateway;
    private final Duration backWithin;
    private volatile boolean closed;
    /** What runs, and the session it asks for; empty for none. */
    private final Map<Thread, String> asking = new ConcurrentHashMap<>();

    private final PromiseFactory promises = new PromiseFactory(
            command -> Thread.ofVirtual().name("browser-answer").start(command));

    /** Browsers of this gateway. */
    @Activate
    public ServerBrowsers(@Reference GatewayAccess access) {
        this(access, BACK_WITHIN);
    }

    ServerBrowsers(GatewayAccess access, Duration backWithin) {
        gateway = new Gateway(access);
        this.backWithin = backWithin;
    }

    /** Sessions stay; who waits for one is told. */
    @Deactivate
    void close() {
        closed = true;
        asking.keySet().forEach(Thread::interrupt);
        gateway.close();
    }

    /** Asks once, with as much time left as is said. */
    @FunctionalInterface
    private interface Try {
        Answer ask(Duration left) throws IOException, InterruptedException;
    }

    @Override
    public Probe probe() throws InterruptedException {
        try {
            Answer answer =
                    insist(backWithin, left -> gateway.send("GET", BrowserRoutes.LIST_BROWSERS.path(), null, ANSWER));
            BrowsersView view = Gateway.JSON.readValue(answer.body(), BrowsersView.class);
            return new Probe(view.able(), view.reason());
        } catch (ProblemException e) {
            return new Probe(false, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Promise<BrowserSession> acquire(BrowserRequest request) {
        return begin(request.id(), () -> {
            Answer answer = insist(
                    request.patience(),
                    left -> gateway.send(
                            "POST",
                            BrowserRoutes.TAKE_BROWSER.path(),
                            new BrowserAcquireRequest(
                                    request.id(),
                                    (int) Math.clamp(request.limit().toSeconds(), 1, MOST_LIMIT_S),
                                    (int) Math.min(left.toSeconds(), MOST_PATIENCE_S),
                                    request.pool(),
                                    request.egress()),
                            left.plus(ANSWER)));
            return session(Gateway.JSON.readValue(answer.body(), SessionView.class));
        });
    }

    private BrowserSession session(SessionView view) throws IOException {
        String base = at().toString();
        return new BrowserSession(
                view.id(),
                SERVER,
                "vm %s of %s".formatted(view.vm(), base),
                URI.create(base + view.agent()),
                URI.create(base + view.devtools()),
                gateway.access().token(),
                view.since(),
                view.until(),
                gateway.access().trust());
    }

    private URI at() {
        return gateway.access().base();
    }

    @Override
    public List<BrowserSession> list() {
        try {
            Answer answer = gateway.send("GET", BrowserRoutes.LIST_BROWSERS.path(), null, ANSWER);
            if (!answer.isGood()) {
                throw refused(answer);
            }
            List<BrowserSession> out = new ArrayList<>();
            for (SessionView view :
                    Gateway.JSON.readValue(answer.body(), BrowsersView.class).sessions()) {
                out.add(session(view));
            }
            return out;
        } catch (IOException e) {
            throw new ProblemException(Kind.UNAVAILABLE, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Kind.UNAVAILABLE, "interrupted");
        }
    }

    @Override
    public Promise<Void> release(String id) {
        return begin("", () -> {
            forgo(id);
            String path = BrowserRoutes.GIVE_BACK_BROWSER.path().replace("{id}", id);
            try {
                insist(GIVEN_BACK, left -> gateway.send("DELETE", path, null, ANSWER));
            } catch (ProblemException e) {
                if (e.kind() != Kind.NOT_FOUND) {
                    throw e;
                }
            }
            return null;
        });
    }

    /** Asks for this session no more: what came of it behind its end would be nobody's. */
    private void forgo(String id) throws InterruptedException {
        for (Map.Entry<Thread, String> each : asking.entrySet()) {
            if (each.getValue().equals(id)) {
                each.getKey().interrupt();
                each.getKey().join();
            }
        }
    }

    /** Asks until there is an answer that another try would not change, or the time is over. */
    private static Answer insist(Duration patience, Try each) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        Duration pause = FIRST_PAUSE;
        while (true) {
            Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            ProblemException failure;
            try {
                Answer answer = each.ask(left);
                if (answer.isGood()) {
                    return answer;
                }
                failure = refused(answer);
                if (!answer.isPassing()) {
                    throw failure;
                }
            } catch (IOException e) {
                failure = new ProblemException(Kind.UNAVAILABLE, String.valueOf(e.getMessage()));
            }
            if (System.nanoTime() + pause.toNanos() >= end) {
                throw failure;
            }
            LOG.debug("asked again in {}: {}", pause, failure.getMessage());
            Thread.sleep(pause); // no event tells that a server is back
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private static ProblemException refused(Answer answer) {
        for (Kind kind : Kind.values()) {
            if (kind.status() == answer.status()) {
                return new ProblemException(kind, answer.refusal());
            }
        }
        return new ProblemException(Kind.UNAVAILABLE, answer.refusal());
    }

    private <T extends @Nullable Object> Promise<T> begin(String id, Callable<T> work) {
        Deferred<T> deferred = promises.deferred();
        Thread thread = Thread.ofVirtual().name("browser-server").unstarted(() -> {
            try {
                deferred.resolve(work.call());
            } catch (InterruptedException e) {
                deferred.fail(
                        closed
                                ? new ProblemException(
                                        Kind.UNAVAILABLE, "what asks the server for browsers leaves; ask again")
                                : new ProblemException(Kind.GONE, "session %s was given back".formatted(id)));
            } catch (Throwable e) { // of an Error whoever asked is told, too
                deferred.fail(e);
            } finally {
                asking.remove(Thread.currentThread());
            }
        });
        asking.put(thread, id);
        thread.start();
        return deferred.getPromise();
    }
}
