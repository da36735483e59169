package dev.viber.browser.local;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.problem.ProblemException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
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
    private static final long MEMORY_OF_ONE = 768L << 20;
    private static final int MOST = 16;
    /** Of a socket's whole path, to which a session adds this much of its own. */
    private static final int LONGEST_FOLDER = 107 - "/01234567/host/lifeline.sock".length();

    private final Settings settings;
    private final Confinement confinement;
    private final @Nullable BundleContext context;
    private final Path folder;
    private final int most;
    private final Semaphore slots;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as all below. */
    private final Map<String, CompletableFuture<LocalSession>> held = new LinkedHashMap<>();

    private final Deque<CompletableFuture<LocalSession>> warm = new ArrayDeque<>();
    private final BitSet numbers = new BitSet();
    private boolean closed;
    private @Nullable Probe able;

    /** Takes on again what is there, and starts what is to be kept warm. */
    @Activate
    public LocalBrowsers(Settings settings, BundleContext context) throws IOException {
        this(settings, context, 0);
    }

    LocalBrowsers(Settings settings, @Nullable BundleContext context, int none) throws IOException {
        this.settings = settings;
        this.context = context;
        folder = Path.of(settings.folder()).toAbsolutePath().normalize();
        Path home = Path.of(settings.home()).toAbsolutePath().normalize();
        List<String> hide = Stream.concat(Stream.of(folder.toString()), Stream.of(settings.hidden()))
                .toList();
        confinement = new Confinement(home, settings.chrome(), hide, settings.uid_base());
        most = settings.sessions() > 0 ? settings.sessions() : byMemory();
        slots = new Semaphore(most, true);
        policy(List.of());
        if (!settings.folder().isEmpty()) {
            adopt();
            Thread.ofVirtual().name("browsers-begin").start(this::begin);
        }
    }

    @Override
    public Probe probe() throws InterruptedException {
        Probe known = able;
        if (known != null) {
            return known;
        }
        if (settings.folder().isEmpty()) {
            return new Probe(false, "browsers of this machine have no folder (dev.viber.browser.local: folder)");
        }
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return new Probe(false, "browsers of this machine are shut in by namespaces, which Linux alone has");
        }
        if (folder.toString().length() > LONGEST_FOLDER) {
            return new Probe(
                    false,
                    "the folder %s is too long for the unix sockets in it: wanted at most %d characters"
                            .formatted(folder, LONGEST_FOLDER));
        }
        try {
            confinement.check();
            Probe found = new Probe(
                    true,
                    "Chrome in namespaces of this machine, %s; no virtual machine, so they share its kernel; %d at once"
                            .formatted(confinement.words(), most));
            able = found;
            return found;
        } catch (IOException e) {
            return new Probe(false, "browsers of this machine: " + e.getMessage());
        }
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
        boolean forGood = context == null || context.getBundle(0).getState() == Bundle.STOPPING;
        List<CompletableFuture<LocalSession>> all = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            all.addAll(held.values());
            all.addAll(warm);
        } finally {
            lock.unlock();
        }
        List<Thread> ending = new ArrayList<>();
        for (CompletableFuture<LocalSession> each : all) {
            LocalSession session = each.isDone() && !each.isCompletedExceptionally() ? each.join() : null;
            if (session != null && forGood) {
                ending.add(Thread.ofVirtual().start(() -> quietly(session)));
            } else if (session != null) {
                session.leave();
            }
        }
        try {
            for (Thread each : ending) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many could be had at once. */
    int warmReady() {
        lock.lock();
        try {
            return (int) warm.stream()
                    .filter(each -> each.isDone() && !each.isCompletedExceptionally())
                    .count();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves all as a killed process would, for tests. */
    void abandon() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        sessions().forEach(LocalSession::leave);
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
        CompletableFuture<LocalSession> there;
        lock.lock();
        try {
            open();
            there = held.putIfAbsent(request.id(), mine);
        } finally {
            lock.unlock();
        }
        if (there != null) {
            return await(there, request.patience().plusMillis(settings.start_ms()));
        }
        boolean slot = false;
        try {
            slot = slots.tryAcquire(request.patience().toMillis(), TimeUnit.MILLISECONDS);
            if (!slot) {
                throw new ProblemException(
                        ProblemException.Kind.UNAVAILABLE,
                        "all %d browsers of this machine are taken, and none came free within %d s"
                                .formatted(most, request.patience().toSeconds()));
            }
            LocalSession session = started(next());
            session.give(request.id(), Instant.now().plus(request.limit()), allowed, egress);
            mine.complete(session);
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
    }

    /** A warm one, or one that is started now. */
    private CompletableFuture<LocalSession> next() {
        lock.lock();
        try {
            open();
            CompletableFuture<LocalSession> first = warm.poll();
            while (first != null
                    && first.isDone()
                    && (first.isCompletedExceptionally() || !first.join().isAlive())) {
                if (!first.isCompletedExceptionally()) {
                    LocalSession dead = first.join();
                    Thread.ofVirtual().start(() -> quietly(dead));
                }
                first = warm.poll();
            }
            CompletableFuture<LocalSession> given = first == null ? starting() : first;
            refill();
            return given;
        } finally {
            lock.unlock();
        }
    }

    private void refill() {
        while (!closed && warm.size() < settings.warm() && held.size() + warm.size() < most) {
            warm.add(starting());
        }
    }

    private CompletableFuture<LocalSession> starting() {
        int number = numbers.nextClearBit(0);
        numbers.set(number);
        CompletableFuture<LocalSession> out = new CompletableFuture<>();
        Thread.ofVirtual().name("browser-start").start(() -> {
            try {
                long begun = System.nanoTime();
                int uid = confinement.uid(number);
                Place place = Place.make(folder, uid, confinement.isRoot());
                LocalSession session =
                        LocalSession.start(confinement, place, uid, settings.orphan_ms(), settings.start_ms());
                LOG.debug("a browser came up in {} ms", (System.nanoTime() - begun) / 1_000_000);
                var _ = session.onExit().thenRun(() -> free(number));
                if (!out.complete(session) || isClosed()) {
                    session.end();
                }
            } catch (IOException | InterruptedException | RuntimeException e) {
                free(number);
                out.completeExceptionally(e);
            }
        });
        return out;
    }

    private void begin() {
        try {
            Probe probe = probe();
            LOG.info("{}", probe.reason());
            lock.lock();
            try {
                if (probe.able()) {
                    refill();
                }
            } finally {
                lock.unlock();
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
                    taken(session, facts);
                    warm.add(CompletableFuture.completedFuture(session));
                } else {
                    taken(session, facts);
                    held.put(facts.id(), CompletableFuture.completedFuture(session));
                    // Its slot is its own, even where there are fewer now.
                    slots.tryAcquire();
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

    private void taken(LocalSession session, Place.Facts facts) {
        if (confinement.isRoot()) {
            int number = facts.uid() - settings.uid_base();
            numbers.set(number);
            var _ = session.onExit().thenRun(() -> free(number));
        }
    }

    private void free(int number) {
        lock.lock();
        try {
            numbers.clear(number);
        } finally {
            lock.unlock();
        }
    }

    /** Ends it at its limit; takes notice where it ends by itself. */
    private void watch(LocalSession session) {
        String id = String.valueOf(session.facts().id());
        Thread.ofVirtual().name("browser-limit").start(() -> {
            try {
                long left =
                        Duration.between(Instant.now(), session.facts().until()).toMillis();
                session.onExit().get(Math.max(1, left), TimeUnit.MILLISECONDS);
                end(id, session, "its processes ended by themselves");
            } catch (TimeoutException e) {
                quietly(() -> end(id, session, "its time was over"));
            } catch (InterruptedException | ExecutionException e) {
                LOG.debug("browser {} is watched no more", id, e);
            }
        });
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
        session.end();
        LOG.info("Browser {} ended: {}", id, why);
        slots.release();
        lock.lock();
        try {
            refill();
        } finally {
            lock.unlock();
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
            var _ = session.thenAccept(LocalBrowsers::quietly);
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

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private interface Ending {
        void run() throws InterruptedException;
    }

    private static void quietly(LocalSession session) {
        quietly(session::end);
    }

    private static void quietly(Ending ending) {
        try {
            ending.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int byMemory() {
        long bytes = ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getTotalMemorySize()
                : MEMORY_OF_ONE;
        return Math.clamp(bytes / MEMORY_OF_ONE, 1, MOST);
    }
}
