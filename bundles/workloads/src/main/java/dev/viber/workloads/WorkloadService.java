package dev.viber.workloads;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmNews;
import dev.viber.api.workload.Workload;
import dev.viber.api.workload.WorkloadDesk;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
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

/** The desk of workloads. */
@Component(
        service = {},
        immediate = true)
public final class WorkloadService implements WorkloadDesk {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadService.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final BundleContext context;
    private final PromiseFactory promises = new PromiseFactory(
            command -> Thread.ofVirtual().name("workload-answer").start(command));
    private final Gate<Store> store = new Gate<>("store", PATIENCE);
    private final Gate<EventBus> events = new Gate<>("event bus", PATIENCE);
    private final Gate<VmDesk> vms = new Gate<>("supervisor of VMs", PATIENCE);
    private final Gate<SnapshotDesk> snapshots = new Gate<>("supervisor of VMs", PATIENCE);
    private final WorkloadBook book = new WorkloadBook(store);
    private final Replicas replicas = new Replicas(vms, snapshots);
    private final Map<String, WorkloadRun> runs = new ConcurrentSkipListMap<>();
    private final VmNews news = new VmNews(
            events,
            vm -> runs.values().forEach(run -> run.tell(vm)),
            () -> runs.values().forEach(WorkloadRun::tell));
    private @Nullable ServiceRegistration<?> registration;
    private final CountDownLatch left = new CountDownLatch(1);
    private boolean stopping;

    /** Workloads that have not been looked for yet. */
    @Activate
    public WorkloadService(BundleContext context) {
        this.context = context;
    }

    @Activate
    void open() {
        Thread.ofVirtual().name("workloads-recovery").start(() -> {
            try {
                serve(rows());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Asks again and again for as long as the store cannot be read: nobody can be served before. */
    private List<WorkloadRow> rows() throws InterruptedException {
        do {
            try {
                return book.list();
            } catch (RuntimeException e) {
                LOG.error("workloads of before could not be taken up again; it is tried again", e);
            }
        } while (!left.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        return List.of();
    }

    private synchronized void serve(List<WorkloadRow> rows) {
        if (stopping) {
            return;
        }
        rows.forEach(row -> begin(row.name()));
        news.start();
        registration = context.registerService(WorkloadDesk.class, this, null);
    }

    @Deactivate
    void stop() {
        news.close();
        synchronized (this) {
            stopping = true;
            left.countDown();
            if (registration != null) {
                registration.unregister();
            }
        }
        try {
            for (WorkloadRun run : runs.values()) {
                run.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized WorkloadRun begin(String name) {
        if (stopping) {
            throw new ProblemException(ProblemException.Kind.UNAVAILABLE, "the keeper of workloads leaves; ask again");
        }
        WorkloadRun run = new WorkloadRun(name, book, replicas, promises);
        runs.put(name, run);
        run.gone().onResolve(() -> runs.remove(name, run));
        return run;
    }

    private WorkloadRun run(String name) {
        WorkloadRun run = runs.get(name);
        if (run == null) {
            throw ProblemException.notFound("workload", name);
        }
        return run;
    }

    private <T> Promise<T> begin(Callable<T> work) {
        Deferred<T> deferred = promises.deferred();
        Thread.ofVirtual().name("workload").start(() -> {
            try {
                deferred.resolve(work.call());
            } catch (Exception e) {
                deferred.fail(e);
            }
        });
        return deferred.getPromise();
    }

    private static State now(WorkloadRun run, String name) {
        return run.state().orElseThrow(() -> ProblemException.notFound("workload", name));
    }

    @Override
    public List<State> list() {
        return runs.values().stream().flatMap(run -> run.state().stream()).toList();
    }

    @Override
    public Optional<State> find(String name) {
        return Optional.ofNullable(runs.get(name)).flatMap(WorkloadRun::state);
    }

    @Override
    public Promise<State> create(Workload workload) {
        if (!workload.name().matches(Workload.NAME_PATTERN)) {
            throw wrong("name is '%s'; wanted %s".formatted(workload.name(), Workload.NAME_WORDS));
        }
        checkCount(workload.replicas());
        return begin(() -> {
            replicas.check(workload);
            book.create(workload);
            return now(begin(workload.name()), workload.name());
        });
    }

    private static void checkCount(int count) {
        if (count < 0 || count > Workload.MOST) {
            throw wrong("replicas is %d; wanted 0 to %d".formatted(count, Workload.MOST));
        }
    }

    private static ProblemException wrong(String what) {
        return new ProblemException(ProblemException.Kind.INVALID, what);
    }

    @Override
    public Promise<State> change(String name, @Nullable Integer count, Workload.@Nullable Restart restart) {
        WorkloadRun run = run(name);
        if (count != null) {
            checkCount(count);
        }
        return begin(() -> {
            book.change(name, count, restart);
            run.tell();
            return now(run, name);
        });
    }

    @Override
    public Promise<State> delete(String name) {
        WorkloadRun run = run(name);
        return begin(() -> {
                    book.leave(name);
                    run.tell();
                    return run;
                })
                .flatMap(WorkloadRun::gone);
    }

    @Override
    public Promise<State> settled(String name) {
        return run(name).settled();
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
        runs.values().forEach(WorkloadRun::tell);
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
