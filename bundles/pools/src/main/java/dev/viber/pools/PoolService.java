package dev.viber.pools;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.Browsers;
import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk;
import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmNews;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The desk of pools. */
@Component(
        service = {},
        immediate = true)
public final class PoolService implements PoolDesk {
    private static final Logger LOG = LoggerFactory.getLogger(PoolService.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final String NAME_PATTERN = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?";
    /** Before those of the machine itself. */
    private static final int RANKING = 100;

    private final BundleContext context;
    private final PromiseFactory promises =
            new PromiseFactory(command -> Thread.ofVirtual().name("pool-answer").start(command));
    private final Gate<Store> store = new Gate<>("store", PATIENCE);
    private final Gate<EventBus> events = new Gate<>("event bus", PATIENCE);
    private final Gate<VmDesk> vms = new Gate<>("supervisor of VMs", PATIENCE);
    private final Gate<SnapshotDesk> snapshots = new Gate<>("supervisor of VMs", PATIENCE);
    private final PoolBook book = new PoolBook(store);
    private final Machines machines = new Machines(vms, snapshots);
    private final Map<String, PoolRun> runs = new ConcurrentSkipListMap<>();
    private final VmNews news =
            new VmNews(events, this::happened, () -> runs.values().forEach(PoolRun::tell));
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    /** One pool after the other: who deletes the same deletes none that is made anew meanwhile. */
    private final ReentrantLock deleting = new ReentrantLock();

    private final CountDownLatch left = new CountDownLatch(1);
    private boolean stopping;

    /** Pools that have not been looked for yet. */
    @Activate
    public PoolService(BundleContext context) {
        this.context = context;
    }

    @Activate
    void open() {
        Thread.ofVirtual().name("pools-recovery").start(() -> {
            try {
                serve(ofBefore());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Asks again and again for as long as the store cannot be read: nobody can be served before. */
    private List<Pool> ofBefore() throws InterruptedException {
        do {
            try {
                return book.pools();
            } catch (RuntimeException e) {
                LOG.error("pools of before could not be taken up again; it is tried again", e);
            }
        } while (!left.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        return List.of();
    }

    private void happened(String vm) {
        runs.forEach((pool, run) -> {
            if (Machines.isMember(pool, vm)) {
                run.tell();
            }
        });
    }

    private synchronized void serve(List<Pool> pools) {
        if (stopping) {
            return;
        }
        pools.forEach(pool -> runs.put(pool.name(), new PoolRun(pool, book, machines, promises)));
        news.start();
        registrations.add(context.registerService(PoolDesk.class, this, null));
        registrations.add(context.registerService(
                Browsers.class,
                new VmBrowsers(this, machines, promises),
                FrameworkUtil.asDictionary(Map.of(Browsers.KIND, "vm", Constants.SERVICE_RANKING, RANKING))));
    }

    @Deactivate
    synchronized void stop() {
        stopping = true;
        left.countDown();
        registrations.forEach(ServiceRegistration::unregister);
        close();
    }

    private void close() {
        news.close();
        try {
            for (PoolRun run : runs.values()) {
                run.close("the keeper of pools leaves; ask again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        machines.close();
    }

    private PoolRun run(String pool) {
        PoolRun run = runs.get(pool);
        if (run == null) {
            throw ProblemException.notFound("pool", pool);
        }
        return run;
    }

    private <T> Promise<T> begin(Callable<T> work) {
        Deferred<T> deferred = promises.deferred();
        Thread.ofVirtual().name("pool").start(() -> {
            try {
                deferred.resolve(work.call());
            } catch (InvocationTargetException e) {
                deferred.fail(e.getCause() == null ? e : e.getCause());
            } catch (Throwable e) { // of an Error whoever asked is told, too
                deferred.fail(e);
            }
        });
        return deferred.getPromise();
    }

    @Override
    public List<State> list() {
        return runs.values().stream().map(PoolRun::state).toList();
    }

    @Override
    public Optional<State> find(String name) {
        return Optional.ofNullable(runs.get(name)).map(PoolRun::state);
    }

    @Override
    public Promise<State> create(Pool pool) {
        check(pool);
        return begin(() -> {
            if (snapshots.call(desk -> desk.findSnapshot(pool.snapshot())).isEmpty()) {
                throw ProblemException.notFound("snapshot", pool.snapshot());
            }
            PoolRun run = new PoolRun(book.create(pool), book, machines, promises);
            runs.put(pool.name(), run);
            run.tell();
            return run.state();
        });
    }

    private static void check(Pool pool) {
        if (!pool.name().matches(NAME_PATTERN)) {
            throw wrong(
                    "name is '%s'; wanted 1 to 40 lower-case letters, digits and hyphens, a letter or digit at both ends"
                            .formatted(pool.name()));
        }
        if (pool.most() < 1 || pool.warm() < 0 || pool.warm() > pool.most()) {
            throw wrong("warm is %d, most %d; wanted most from 1, and warm from 0 to most"
                    .formatted(pool.warm(), pool.most()));
        }
        if (pool.limit().isNegative() || pool.limit().isZero()) {
            throw wrong("limit is %s; wanted a time".formatted(pool.limit()));
        }
    }

    private static ProblemException wrong(String what) {
        return new ProblemException(ProblemException.Kind.INVALID, what);
    }

    @Override
    public Promise<State> change(String name, @Nullable Integer warm, @Nullable Integer most) {
        PoolRun run = run(name);
        Pool was = run.pool();
        Pool now = new Pool(
                name,
                was.snapshot(),
                warm == null ? was.warm() : warm,
                most == null ? was.most() : most,
                was.limit(),
                was.egress(),
                was.standby());
        check(now);
        return begin(() -> {
            run.change(book.change(now));
            return run.state();
        });
    }

    @Override
    public Promise<State> delete(String name) {
        PoolRun run = run(name);
        return begin(() -> {
            deleting.lockInterruptibly();
            try {
                if (run(name) != run) {
                    throw ProblemException.notFound("pool", name);
                }
                return delete(name, run);
            } finally {
                deleting.unlock();
            }
        });
    }

    /** Where this fails the pool is there still, to be deleted again. */
    private State delete(String name, PoolRun run) throws InterruptedException, InvocationTargetException {
        run.close("pool %s is deleted".formatted(name));
        run.awaitMade();
        State last = run.state();
        for (Session session : last.sessions()) {
            book.end(session, "its pool is deleted");
        }
        for (var vm : machines.of(name)) {
            machines.delete(vm.name()).getValue();
        }
        book.delete(name);
        runs.remove(name, run); // its name is free already: one that was made anew stays
        return last;
    }

    @Override
    public Promise<Session> acquire(String pool, BrowserRequest request) {
        PoolRun run = run(pool);
        if (request.egress() != null) {
            throw wrong("egress is the pool's; wanted a request without it");
        }
        Optional<Session> there = book.session(request.id());
        if (there.isEmpty() || !machines.isThere(there.get().vm())) {
            return run.ask(request); // one whose VM is gone ends before anybody is served
        }
        if (!there.get().pool().equals(pool)) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "session %s is of pool %s"
                            .formatted(request.id(), there.get().pool()));
        }
        return promises.resolved(there.get());
    }

    @Override
    public Promise<Session> release(String pool, String id, String reason) {
        PoolRun run = run(pool);
        Session session = run.dismiss(id, reason);
        return begin(() -> {
            run.release(session, reason).getValue();
            return session;
        });
    }

    /** The session of this id; empty where there is none. */
    Optional<Session> session(String id) {
        return book.session(id);
    }

    /** The pool where there is a session of this id, or where somebody waits for it. */
    Optional<String> poolOf(String id) {
        return book.session(id)
                .map(Session::pool)
                .or(() -> Choice.had(list(), id).map(state -> state.pool().name()));
    }

    /** Pools' names, in order. */
    List<String> names() {
        return List.copyOf(runs.keySet());
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(EventBus found) {
        events.open(found);
    }

    void unbindEvents(EventBus gone) {
        events.close(gone);
        news.renew();
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindVms(VmDesk found) {
        vms.open(found);
        machines.visits().tell(found);
        runs.values().forEach(PoolRun::tell);
    }

    void unbindVms(VmDesk gone) {
        vms.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindSnapshots(SnapshotDesk found) {
        snapshots.open(found);
    }

    void unbindSnapshots(SnapshotDesk gone) {
        snapshots.close(gone);
    }
}
