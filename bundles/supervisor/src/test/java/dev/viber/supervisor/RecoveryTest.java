package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Trigger;
import dev.viber.api.vm.VmSpec;
import dev.viber.store.sqlite.SqliteStore;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** A supervisor that starts over the real store and real processes, which only sleep. */
@Timeout(60)
class RecoveryTest {
    private static final Network.Plan PLAN = new Network.Plan("192.168.127.0/24", "192.168.127.1", 24);

    @TempDir
    Path folder = Path.of("");

    private final Object news = new Object();
    private final List<Processes.Identity> processes = new ArrayList<>();
    private SqliteStore store;
    private VmBook book;
    private final Map<String, Object> but = new HashMap<>();
    private @Nullable Supervisor supervisor;

    @BeforeEach
    void open() {
        Map<String, Object> values =
                Map.of("store", "gateway", "path", folder.resolve("state.db").toString(), "readers", 2);
        store = new SqliteStore((SqliteStore.Config) Proxy.newProxyInstance(
                SqliteStore.Config.class.getClassLoader(),
                new Class<?>[] {SqliteStore.Config.class},
                (proxy, method, arguments) -> values.get(method.getName())));
        store.listen(segments -> {
            synchronized (news) {
                news.notifyAll();
            }
        });
        Gate<Store> gate = new Gate<>("store", Duration.ofSeconds(1));
        gate.open(store);
        book = new VmBook(gate);
    }

    @AfterEach
    void close() {
        if (supervisor != null) {
            supervisor.stop();
        }
        store.close();
        for (Processes.Identity each : processes) {
            ProcessHandle.of(each.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private SupervisorSettings settings() {
        Map<String, Object> values = new HashMap<>(but);
        for (String each : List.of("run", "logs", "snapshots", "images")) {
            values.put(each, folder.resolve(each).toString());
        }
        return (SupervisorSettings) Proxy.newProxyInstance(
                SupervisorSettings.class.getClassLoader(),
                new Class<?>[] {SupervisorSettings.class, Annotation.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** A network that has no taps. */
    private static final class NoTaps implements Network {
        @Override
        public Plan plan() {
            return PLAN;
        }

        @Override
        public List<String> problems() {
            return List.of("it has no taps");
        }

        @Override
        public void attach(Lease lease, @Nullable List<String> egress) {}

        @Override
        public void detach(Lease lease) {}

        @Override
        public List<String> retain(Collection<Lease> leases) {
            return List.of();
        }
    }

    private Supervisor made(CountDownLatch serves, Store over) {
        BundleContext context = (BundleContext) Proxy.newProxyInstance(
                BundleContext.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> {
                    serves.countDown();
                    return Proxy.newProxyInstance(
                            ServiceRegistration.class.getClassLoader(),
                            new Class<?>[] {ServiceRegistration.class},
                            (registration, nothing, none) -> null);
                });
        Supervisor one = new Supervisor(context, settings());
        supervisor = one;
        one.bindStore(over);
        one.bindNetwork(new NoTaps());
        one.addHypervisor(new HypervisorsTest.Chosen(), Map.of(Hypervisor.NAME, "none"));
        return one;
    }

    private Supervisor serving(Store over) throws InterruptedException {
        CountDownLatch serves = new CountDownLatch(1);
        Supervisor one = made(serves, over);
        one.open();
        serves.await();
        return one;
    }

    /** A VM that runs, as an earlier server left it. */
    private Processes.Identity left(String name) throws Exception {
        Processes.Identity process = Processes.start(
                new Hypervisor.Command(List.of("sleep", "1000"), Map.of()), folder, folder.resolve("output"));
        processes.add(process);
        VmSpec spec = new VmSpec(name, 1, 64, null, null, VmSpec.Restart.NEVER, null, null, null);
        book.create(spec, null, PLAN, "token", null);
        book.move(name, Trigger.LAUNCHED, edit -> edit.process(process));
        return process;
    }

    /** A VM of which this was the last, as an earlier server left it, of a hypervisor whose guest is at the other end of the socket. */
    private SocketChannel leftWith(Supervisor one, Trigger how, Consumer<VmEdit> more) throws Exception {
        Files.createDirectories(folder.resolve("images"));
        for (String each : List.of("vmlinux-x86_64", "viper-root.erofs", "viper-modules.cpio.gz")) {
            Files.createFile(folder.resolve("images").resolve(each));
        }
        left("web");
        book.note("web", edit -> edit.launched("quiet", "double", "none"));
        book.move("web", how, more);
        MachineDouble machine = new MachineDouble();
        ServerSocketChannel guest = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("guest.sock")));
        machine.guest = guest.getLocalAddress();
        one.addHypervisor(new HypervisorsTest.Chosen(machine), Map.of(Hypervisor.NAME, "double"));
        one.open();
        try (guest) {
            return guest.accept();
        }
    }

    private static void say(SocketChannel guest, String line) throws IOException {
        guest.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    private VmRow await(String name, String kind) throws InterruptedException {
        synchronized (news) {
            while (!kinds(name).contains(kind)) {
                news.wait();
            }
        }
        return book.get(name);
    }

    private List<String> kinds(String name) {
        return store.read(tables -> tables.journal().read(Vm.TOPIC + name, 0, 1000)).stream()
                .flatMap(segment -> segment.events().stream())
                .map(JournalEvent::kind)
                .toList();
    }

    private void litter(String where) throws Exception {
        Path litter = Files.createDirectories(folder.resolve(where));
        Files.writeString(litter.resolve("notes.txt"), "mine");
        Files.writeString(litter.resolve("77"), "a file");
        Files.writeString(Files.createDirectories(litter.resolve("78/deep")).resolve("file"), "in a folder");
    }

    @Test
    void whatLiesAboutKeepsNoMachineFromBeingFound() throws Exception {
        Processes.Identity process = left("web");
        litter("run/vms");
        litter("snapshots");
        serving(store);
        ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();
        await("web", "crashed");
        assertThat(folder.resolve("run/vms/notes.txt")).exists();
        assertThat(folder.resolve("snapshots/notes.txt")).exists();
    }

    @Test
    void whatAHypervisorWasCutOffInIsDeletedWithItsMachineAndNoLinkIsFollowed() throws Exception {
        left("web");
        Path template = Files.createDirectories(folder.resolve("snapshots/1"));
        Path memory = Files.writeString(template.resolve("memory"), "another's");
        Path own = folder.resolve("run/vms/" + book.get("web").id());
        Path restore = Files.createDirectories(own.resolve("restore"));
        Files.createSymbolicLink(restore.resolve("memory"), memory);
        Files.createSymbolicLink(restore.resolve("template"), template);
        Files.createSymbolicLink(restore.resolve("nowhere"), folder.resolve("nowhere"));
        made(new CountDownLatch(1), store).delete("web").getValue();
        assertThat(own).doesNotExist();
        assertThat(memory).exists();
    }

    /** Here there is no image, so that each attempt fails. */
    @Test
    void whatCrashedUnderAnEarlierServerComesUpAgainAndIsTriedMoreThanOnce() throws Exception {
        VmSpec spec = new VmSpec("web", 1, 64, null, null, VmSpec.Restart.ON_FAILURE, null, null, null);
        book.create(spec, null, PLAN, "token", null);
        book.move("web", Trigger.LAUNCHED, edit -> {});
        book.move("web", Trigger.CRASHED, edit -> {});
        List<String> before = kinds("web");
        serving(store);
        synchronized (news) {
            while (kinds("web").size() < before.size() + 4) {
                news.wait();
            }
        }
        assertThat(kinds("web")).endsWith("crashed", "starting", "failed", "starting", "failed");
    }

    @Test
    void aGuestThatSaysOnceMoreThatItIsReadyCostsNoEvent() throws Exception {
        try (SocketChannel guest = leftWith(
                made(new CountDownLatch(1), store),
                Trigger.READY,
                edit -> edit.readyAt(Instant.now()).guest(Map.of("chrome", "1", "uptime-ms", "1000")))) {
            for (int i = 0; i < 20; i++) {
                say(guest, "ready chrome=1 uptime-ms=" + i);
            }
            say(guest, "ready chrome=2 uptime-ms=21");
            say(guest, "agent-exited exit=1 state=starting");
            say(guest, "ready chrome=2 uptime-ms=22");
            say(guest, "agent-exited exit=1 state=starting");
            synchronized (news) {
                while (kinds("web").size() < 7) {
                    news.wait();
                }
            }
        }
        assertThat(kinds("web")).startsWith("created", "starting", "running", "ready", "ready", "running", "ready");
    }

    @Test
    void aGuestThatDoesNotSayThatItIsReadyAfterItWasResumedIsGivenUp() throws Exception {
        but.put("ready_ms", 100L);
        Supervisor one = made(new CountDownLatch(1), store);
        try (SocketChannel guest = leftWith(one, Trigger.PAUSE, edit -> {})) {
            assertThat(guest.isConnected()).isTrue();
            one.resume("web").getValue();
            assertThat(await("web", "failed").error()).startsWith("its guest did not announce itself within");
        }
    }

    @Test
    void aStoreThatDoesNotAnswerYetIsAskedAgainBeforeAnybodyIsServed() throws Exception {
        Processes.Identity process = left("web");
        AtomicInteger asked = new AtomicInteger();
        serving((Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (asked.getAndIncrement() == 0) {
                        throw new StoreException("it is not there yet", new IllegalStateException());
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
        ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();
        await("web", "crashed");
    }

    @Test
    void aProcessThatWasNotFoundEndsWithItsMachine() throws Exception {
        Supervisor one = made(new CountDownLatch(1), store);
        Processes.Identity deleted = left("deleted");
        Processes.Identity stopped = left("stopped");
        one.delete("deleted").getValue();
        assertThat(Processes.isAlive(deleted)).isFalse();
        one.stop("stopped").getValue();
        assertThat(Processes.isAlive(stopped)).isFalse();
        assertThat(kinds("stopped")).endsWith("stopping", "stopped");
    }
}
