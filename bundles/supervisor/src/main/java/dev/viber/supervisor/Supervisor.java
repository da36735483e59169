package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Console;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmSpec;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The desk where microVMs are asked for. What is begun here belongs to the server, whoever hangs up. */
@Component(
        service = {},
        immediate = true,
        configurationPid = SupervisorSettings.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SupervisorSettings.class)
public final class Supervisor implements VmDesk {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int AGENT_PORT = 8080;
    private static final int DEVTOOLS_PORT = 9222;

    private final BundleContext context;
    private final PromiseFactory promises =
            new PromiseFactory(command -> Thread.ofVirtual().name("vm-answer").start(command));
    private final Gate<Store> store = new Gate<>("store", PATIENCE);
    private final Gate<Network> network = new Gate<>("network of microVMs", PATIENCE);
    private final Hypervisors hypervisors = new Hypervisors(PATIENCE);
    private final VmBook book = new VmBook(store);
    private final Lives lives;
    private final SnapshotKeeper keeper;
    private final Images images;
    private final Snapshots snapshots;
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile boolean stopping;
    private List<ServiceRegistration<?>> registrations = List.of();

    /** A supervisor that has not looked for its VMs yet. */
    @Activate
    public Supervisor(BundleContext context, SupervisorSettings settings) {
        this.context = context;
        images = new Images(settings);
        SnapshotBook kept = new SnapshotBook(store, book);
        snapshots = new Snapshots(settings, kept, book, hypervisors, images);
        lives = new Lives(settings, book, network, hypervisors, images, snapshots, promises, Supervisor::doorOf);
        keeper = new SnapshotKeeper(lives, snapshots, kept, book, promises);
    }

    @Activate
    void open() {
        Thread.ofVirtual().name("vm-recovery").start(() -> {
            try {
                recover();
                serve();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Only now: whoever asked sooner would find machines without their processes. */
    private synchronized void serve() {
        if (!stopping) {
            registrations = List.of(
                    context.registerService(VmDesk.class, this, null),
                    context.registerService(SnapshotDesk.class, keeper, null));
            // Behind the registering: whoever is with a guest has said so by now.
            lives.stillness().open();
        }
    }

    @Deactivate
    void stop() {
        List<ServiceRegistration<?>> there;
        synchronized (this) {
            stopping = true;
            left.countDown();
            there = registrations;
        }
        // From here on requests wait at their gates, for the next supervisor.
        there.forEach(ServiceRegistration::unregister);
        lives.close();
    }

    /** Again and again until it is done: who is served sooner would find machines without their processes. */
    private void recover() throws InterruptedException {
        for (Duration pause = FIRST_PAUSE; !stopping; pause = longer(pause)) {
            try {
                lives.recover();
                return;
            } catch (RuntimeException e) {
                if (!stopping) {
                    LOG.error("VMs of before could not be taken up again; it is tried again", e);
                }
            }
            if (left.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    @Override
    public List<Vm> list() {
        return book.list().stream().map(VmEdit::shown).toList();
    }

    @Override
    public Optional<Vm> find(String name) {
        return book.find(name).map(VmEdit::shown);
    }

    @Override
    public Promise<Made> create(VmSpec spec, @Nullable String idempotencyKey) {
        images.check(spec);
        return begin("create " + spec.name(), () -> keeper.create(spec, idempotencyKey));
    }

    @Override
    public Optional<Vm> findMade(String idempotencyKey) {
        return book.findMade(idempotencyKey).map(VmEdit::shown);
    }

    @Override
    public void check(VmSpec spec) {
        images.check(spec);
    }

    @Override
    public Promise<Vm> delete(String name) {
        return begin("delete " + name, () -> lives.delete(name));
    }

    @Override
    public Promise<Vm> start(String name) {
        return begin("start " + name, () -> lives.start(name));
    }

    @Override
    public Promise<Vm> stop(String name) {
        return begin("stop " + name, () -> lives.stop(name));
    }

    @Override
    public Promise<Vm> restart(String name) {
        return begin("restart " + name, () -> lives.restart(name));
    }

    @Override
    public Promise<Vm> pause(String name) {
        return begin("pause " + name, () -> VmEdit.shown(lives.stillness().pause(name)));
    }

    @Override
    public Promise<Vm> resume(String name) {
        return begin("resume " + name, () -> VmEdit.shown(lives.stillness().resume(name)));
    }

    @Override
    public Promise<Vm> ready(String name) {
        return lives.ready(name);
    }

    @Override
    public Promise<Door> enter(String name, Object visit) {
        Stillness stillness = lives.stillness();
        if (!stillness.enter(name, visit)) {
            return promises.resolved(stillness.door(name));
        }
        return begin("wake " + name, () -> stillness.wake(name));
    }

    @Override
    public void leave(String name, Object visit) {
        lives.stillness().leave(name, visit);
    }

    @Override
    public Door door(String name) {
        return doorOf(book.get(name));
    }

    private static Door doorOf(VmRow row) {
        if (!row.phase().isAlive()) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "vm %s is %s: its guest cannot be reached"
                            .formatted(row.name(), row.phase().word()));
        }
        return new Door(
                new InetSocketAddress(row.ipAddress(), AGENT_PORT),
                new InetSocketAddress(row.ipAddress(), DEVTOOLS_PORT),
                row.token());
    }

    @Override
    public Optional<Console> console(String name) {
        return lives.console(book.get(name));
    }

    @Override
    public Path log(String name, Log log) {
        return lives.log(book.get(name).name(), log);
    }

    private <T> Promise<T> begin(String what, Callable<T> work) {
        return lives.lanes().begin(promises, what, work);
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
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindNetwork(Network found) {
        network.open(found);
    }

    void unbindNetwork(Network gone) {
        network.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addHypervisor(Hypervisor found, java.util.Map<String, ?> properties) {
        hypervisors.add(found, String.valueOf(properties.get(Hypervisor.NAME)));
        lives.reconnect(String.valueOf(properties.get(Hypervisor.NAME)));
    }

    void removeHypervisor(Hypervisor gone) {
        hypervisors.remove(gone);
    }
}
