package dev.viber.browser.local;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The browsers of this machine: given out, queued for, kept warm, ended at their limit, found again after a kill. */
@Component(
        immediate = true,
        configurationPid = Settings.PID,
        property = {Browsers.KIND + "=" + LocalBrowsers.LOCAL, "service.ranking:Integer=-100"})
@Designate(ocd = Settings.class)
public final class LocalBrowsers implements Browsers {
    static final String LOCAL = "local";

    private static final Logger LOG = LoggerFactory.getLogger(LocalBrowsers.class);

    private final Settings settings;
    private final @Nullable BundleContext context;
    private final Path folder;
    private final Ability ability;
    private final Slots slots;
    private final Supply supply;
    private final Set<Thread> watchers = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as all below. */
    private final Map<String, CompletableFuture<LocalSession>> held = new LinkedHashMap<>();

    private boolean closed;

    /** Takes on again what is there, and starts what is to be kept warm. */
    @Activate
    public LocalBrowsers(Settings settings, @Nullable BundleContext context) throws IOException {
        this.settings = settings;
        this.context = context;
        folder = Path.of(settings.folder()).toAbsolutePath().normalize();
        Path home = Path.of(settings.home()).toAbsolutePath().normalize();
        List<String> hide = Stream.concat(Stream.of(folder.toString()), Stream.of(settings.hidden()))
                .toList();
        Confinement confinement = new Confinement(home, settings.chrome(), hide, settings.uid_base());
        ability = new Ability(settings, confinement, folder);
        slots = new Slots(ability.most());
        supply = new Supply(settings, confinement, folder);
        policy(List.of());
        if (!settings.folder().isEmpty()) {
            adopt();
            Thread.ofVirtual().name("browsers-begin").start(this::begin);
        }
    }

    @Override
    public Probe probe() throws InterruptedException {
        return ability.probe();
    }

    @Override
    public Promise<BrowserSession> acquire(BrowserRequest request) {
        Deferred<BrowserSession> answer = new Deferred<>();
        Thread.ofVirtual().name("browser-" + request.id()).start(() -> {
            try {
                answer.resolve(obtain(request).shown());
            } catch (InterruptedException e) {
                answer.fail(
                        new ProblemException(ProblemException.Kind.UNAVAILABLE, "the browsers of this machine stop"));
            } catch (RuntimeException | Error e) {
                answer.fail(e);
            }
        });
        return answer.getPromise();
    }

    @Override
    public List<BrowserSession> list() {
        return sessions().stream()
                .map(LocalSession::shown)
                .sorted(Comparator.comparing(BrowserSession::since))
                .toList();
    }

    @Override
    public Promise<Void> release(String id) {
        CompletableFuture<LocalSession> session;
        lock.lock();
        try {
            session = held.get(id);
        } finally {
            lock.unlock();
        }
        if (session == null) {
            return Promises.resolved(null);
        }
        Deferred<Void> done = new Deferred<>();
        Thread.ofVirtual().name("browser-release").start(() -> {
            try {
                end(id, session.get(), "it was given back");
            } catch (ExecutionException e) {
                LOG.debug("browser {} was given back before it came up", id);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            done.resolve(null);
        });
        return done.getPromise();
    }

    /** A stop of the whole process ends them; where this bundle alone goes, the next one takes them on. */
    @Deactivate
    void close() {
        close(context == null || context.getBundle(0).getState() == Bundle.STOPPING);
    }

    void close(boolean forGood) {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        watchers.forEach(Thread::interrupt);
        List<LocalSession> all = supply.close();
        all.addAll(sessions());
        if (!forGood) {
            all.forEach(LocalSession::leave);
            return;
        }
        try (ExecutorService ending = Executors.newVirtualThreadPerTaskExecutor()) {
            all.forEach(each -> ending.execute(() -> Supply.endQuietly(each)));
        }
    }

    /** How many could be had at once. */
    int warmReady() {
        return supply.ready().size();
    }

    private LocalSession obtain(BrowserRequest request) throws InterruptedException {
        String pool = request.pool();
        if (pool != null && !pool.equals(LOCAL)) {
            throw ProblemException.notFound("pool", pool);
        }
        List<String> allowed = request.egress() == null ? List.of() : request.egress();
        Egress egress = policy(allowed);
        Probe probe = probe();
        if (!probe.able()) {
            throw new ProblemException(ProblemException.Kind.UNAVAILABLE, probe.reason());
        }
        CompletableFuture<LocalSession> mine = new CompletableFuture<>();
        for (CompletableFuture<LocalSession> there = join(request.id(), mine);
                there != null;
                there = join(request.id(), mine)) {
            LocalSession session = await(there, request.patience().plusMillis(settings.start_ms()));
            if (session.isAlive()) {
                return session;
            }
            end(request.id(), session, "its processes ended by themselves");
        }
        boolean slot = false;
        try {
            slot = slots.tryAcquire(request.patience().toMillis(), TimeUnit.MILLISECONDS);
            if (!slot) {
                throw new ProblemException(
                        ProblemException.Kind.UNAVAILABLE,
                        "all %d browsers of this machine are taken, and none came free within %d s"
                                .formatted(ability.most(), request.patience().toSeconds()));
            }
            LocalSession session = started(supply.next());
            try {
                session.give(request.id(), Instant.now().plus(request.limit()), allowed, egress);
            } catch (IOException e) {
                session.end();
                throw e;
            }
            mine.complete(session);
            refill();
            watch(session);
            LOG.info("Browser {} begins: {}", request.id(), session.shown().host());
            return session;
        } catch (IOException e) {
            ProblemException problem =
                    new ProblemException(ProblemException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()));
            notGiven(request.id(), mine, slot, problem);
            throw problem;
        } catch (InterruptedException | RuntimeException e) {
            notGiven(request.id(), mine, slot, e);
            throw e;
        }
    }

    /** The one that is under this id; null where that is this one from now on. */
    private @Nullable CompletableFuture<LocalSession> join(String id, CompletableFuture<LocalSession> mine) {
        lock.lock();
        try {
            open();
            return held.putIfAbsent(id, mine);
        } finally {
            lock.unlock();
        }
    }

    private void notGiven(String id, CompletableFuture<LocalSession> mine, boolean slot, Exception why) {
        lock.lock();
        try {
            held.remove(id, mine);
        } finally {
            lock.unlock();
        }
        if (slot) {
            slots.release();
        }
        mine.completeExceptionally(why);
        refill();
    }

    private void refill() {
        lock.lock();
        try {
            if (!closed) {
                supply.refill(ability.most() - held.size());
            }
        } finally {
            lock.unlock();
        }
    }

    private void begin() {
        try {
            Probe probe = probe();
            LOG.info("{}", probe.reason());
            if (probe.able()) {
                refill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is found in the folder goes on where its processes run; what is left of others is removed. */
    private void adopt() throws IOException {
        for (Place place : Place.all(folder)) {
            Place.Facts facts = place.read();
            try {
                LocalSession session = facts == null ? null : LocalSession.adopt(place, policy(facts.egress()), facts);
                if (session == null || facts == null) {
                    Leftovers.remove(place);
                } else if (facts.id() == null) {
                    supply.taken(session);
                    supply.add(session);
                } else {
                    supply.taken(session);
                    held.put(facts.id(), CompletableFuture.completedFuture(session));
                    slots.occupy();
                    LOG.info(
                            "Browser {} goes on: {}",
                            facts.id(),
                            session.shown().host());
                    watch(session);
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn("The browser in {} cannot be taken on again: {}", place.folder(), e.toString());
                Leftovers.remove(place);
            }
        }
    }

    /** Ends it at its limit; takes notice where it ends by itself. */
    private void watch(LocalSession session) {
        String id = String.valueOf(session.facts().id());
        Thread watcher = Thread.ofVirtual().name("browser-limit").unstarted(() -> {
            try {
                long left =
                        Duration.between(Instant.now(), session.facts().until()).toMillis();
                session.onExit().get(Math.max(1, left), TimeUnit.MILLISECONDS);
                end(id, session, "its processes ended by themselves");
            } catch (TimeoutException e) {
                endQuietly(id, session, "its time was over");
            } catch (InterruptedException | ExecutionException e) {
                LOG.debug("browser {} is watched no more", id);
            } finally {
                watchers.remove(Thread.currentThread());
            }
        });
        watchers.add(watcher);
        watcher.start();
    }

    private void end(String id, LocalSession session, String why) throws InterruptedException {
        lock.lock();
        try {
            CompletableFuture<LocalSession> mine = held.get(id);
            if (closed || mine == null || !mine.isDone() || mine.isCompletedExceptionally() || mine.join() != session) {
                return;
            }
            held.remove(id);
        } finally {
            lock.unlock();
        }
        supply.stir();
        session.end();
        LOG.info("Browser {} ended: {}", id, why);
        slots.release();
        refill();
    }

    private void endQuietly(String id, LocalSession session, String why) {
        try {
            end(id, session, why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<LocalSession> sessions() {
        lock.lock();
        try {
            return held.values().stream()
                    .filter(each -> each.isDone() && !each.isCompletedExceptionally())
                    .map(CompletableFuture::join)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for it; one that comes later than anybody waits is ended as it comes. */
    private LocalSession started(CompletableFuture<LocalSession> session) throws InterruptedException {
        try {
            return await(session, Duration.ofMillis(settings.start_ms() * 2));
        } catch (InterruptedException | RuntimeException e) {
            var _ = session.thenAccept(Supply::endQuietly);
            throw e;
        }
    }

    private static LocalSession await(CompletableFuture<LocalSession> session, Duration patience)
            throws InterruptedException {
        try {
            return session.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ProblemException problem
                    ? problem
                    : new ProblemException(
                            ProblemException.Kind.UNAVAILABLE,
                            String.valueOf(
                                    e.getCause() == null ? e : e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE, "no browser came within %d s".formatted(patience.toSeconds()));
        }
    }

    private Egress policy(List<String> allowed) {
        try {
            return new Egress(
                    Stream.concat(Stream.of(settings.egress()), allowed.stream())
                            .toList(),
                    InetAddress::getAllByName);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("/egress", String.valueOf(e.getMessage()));
        }
    }

    private void open() {
        if (closed) {
            throw new ProblemException(ProblemException.Kind.UNAVAILABLE, "the browsers of this machine stop");
        }
    }
}
