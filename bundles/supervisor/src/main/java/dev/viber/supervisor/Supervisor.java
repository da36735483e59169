package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    private volatile boolean stopping;
    private List<ServiceRegistration<?>> registrations = List.of();

    /** A supervisor that has not looked for its VMs yet. */
    @Activate
    public Supervisor(BundleContext context, SupervisorSettings settings) {
        this.context = context;
        images = new Images(settings);
        SnapshotBook kept = new SnapshotBook(store, book);
        snapshots = new Snapshots(settings, kept, book, hypervisors, images);
        lives = new Lives(settings, book, network, hypervisors, images, snapshots, promises);
        keeper = new SnapshotKeeper(lives, snapshots, kept, book, promises);
    }

    @Activate
    void open() {
        Thread.ofVirtual().name("vm-recovery").start(() -> {
            recover();
            serve();
        });
    }

    /** Only now: whoever asked sooner would find machines without their processes. */
    private synchronized void serve() {
        if (!stopping) {
            registrations = List.of(
                    context.registerService(VmDesk.class, this, null),
                    context.registerService(SnapshotDesk.class, keeper, null));
        }
    }

    @Deactivate
    void stop() {
        List<ServiceRegistration<?>> there;
        synchronized (this) {
            stopping = true;
            there = registrations;
        }
        // From here on requests wait at their gates, for the next supervisor.
        there.forEach(ServiceRegistration::unregister);
        lives.close();
    }

    private void recover() {
        try {
            lives.recover();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | IOException e) {
            if (!stopping) {
                LOG.error("VMs of before could not be taken up again", e);
            }
        }
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
        return begin("pause " + name, () -> lives.pause(name));
    }

    @Override
    public Promise<Vm> resume(String name) {
        return begin("resume " + name, () -> lives.resume(name));
    }

    @Override
    public Promise<Vm> ready(String name) {
        return lives.ready(name);
    }

    @Override
    public Door door(String name) {
        var row = book.get(name);
        if (!row.phase().isAlive()) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "vm %s is %s: its guest cannot be reached"
                            .formatted(name, row.phase().word()));
        }
        return new Door(
                new InetSocketAddress(row.ipAddress(), AGENT_PORT),
                new InetSocketAddress(row.ipAddress(), DEVTOOLS_PORT),
                row.token());
    }

    @Override
    public Optional<SocketChannel> console(String name) {
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
