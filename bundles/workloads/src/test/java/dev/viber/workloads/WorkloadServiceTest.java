package dev.viber.workloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import dev.viber.api.workload.ReplicaLifecycle;
import dev.viber.api.workload.Workload;
import dev.viber.api.workload.Workload.Restart;
import dev.viber.api.workload.WorkloadDesk.Replica;
import dev.viber.api.workload.WorkloadDesk.State;
import dev.viber.store.sqlite.SqliteStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** The desk over the real store, with VMs that are rows alone. */
@Timeout(60)
class WorkloadServiceTest {
    private static final Workload.Template SMALL = new Workload.Template(1, 64, null, null, null, null, null);

    @TempDir
    Path folder = Path.of("");

    private final Object news = new Object();
    private final FakeBus bus = new FakeBus();
    private final FakeVms vms = new FakeVms(vm -> {
        bus.tell(Vm.TOPIC + vm);
        happened();
    });
    private SqliteStore store;
    private WorkloadService desk;

    @BeforeEach
    void open() throws Exception {
        Map<String, Object> values =
                Map.of("store", "gateway", "path", folder.resolve("state.db").toString(), "readers", 2);
        store = new SqliteStore((SqliteStore.Config) Proxy.newProxyInstance(
                SqliteStore.Config.class.getClassLoader(),
                new Class<?>[] {SqliteStore.Config.class},
                (proxy, method, arguments) -> values.get(method.getName())));
        store.listen(segments -> happened());
        desk = started();
    }

    @AfterEach
    void close() {
        desk.stop();
        store.close();
    }

    private void happened() {
        synchronized (news) {
            news.notifyAll();
        }
    }

    /** A service that has found what there is. */
    private WorkloadService started() throws InterruptedException {
        return started(store);
    }

    private WorkloadService started(Store over) throws InterruptedException {
        CountDownLatch serves = new CountDownLatch(1);
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
        WorkloadService service = new WorkloadService(context);
        service.bindStore(over);
        service.bindEvents(bus);
        service.bindVms(vms);
        service.open();
        serves.await();
        return service;
    }

    private State await(String name, Predicate<State> wanted) throws InterruptedException {
        synchronized (news) {
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (true) {
                State seen = desk.find(name).orElseThrow();
                if (wanted.test(seen)) {
                    return seen;
                }
                long left = (end - System.nanoTime()) / 1_000_000;
                assertThat(left).as(seen.toString()).isPositive();
                news.wait(Math.min(left, 500)); // a state may change without an event: its trouble does
            }
        }
    }

    private State create(String name, int replicas, Restart restart) throws Exception {
        desk.create(new Workload(name, SMALL, replicas, restart)).getValue();
        return await(name, state -> state.ready() == replicas);
    }

    private static Replica replica(State state, int number) {
        return state.replicas().stream()
                .filter(one -> one.number() == number)
                .findFirst()
                .orElseThrow();
    }

    private List<String> names() {
        return vms.list().stream().map(Vm::name).sorted().toList();
    }

    private long id(String vm) {
        return vms.find(vm).orElseThrow().id();
    }

    private List<String> events(String name) {
        List<String> kinds = new ArrayList<>();
        store.read(tables -> tables.journal().read(Workload.TOPIC + name, 0, 1000)).stream()
                .flatMap(segment -> segment.events().stream())
                .map(JournalEvent::kind)
                .forEach(kinds::add);
        return kinds;
    }

    @Test
    void whatIsLostIsReplacedAndTheOthersAreLeftAlone() throws Exception {
        create("web", 2, Restart.ALWAYS);
        assertThat(names()).containsExactly("web-1", "web-2");
        long other = id("web-2");

        vms.turn("web-1", Phase.CRASHED, "its process ended; killed");
        State after =
                await("web", state -> state.ready() == 2 && replica(state, 1).restarts() == 1);
        assertThat(replica(after, 1).reason()).isEqualTo("its process ended; killed");
        assertThat(id("web-2")).isEqualTo(other);
        assertThat(after.trouble()).isNull();

        vms.delete("web-2").getValue();
        await("web", state -> state.ready() == 2 && replica(state, 2).restarts() == 1);
        assertThat(id("web-2")).isNotEqualTo(other);
        assertThat(events("web"))
                .containsExactly(
                        "created",
                        "replica-started",
                        "replica-started",
                        "replica-lost",
                        "replaced",
                        "replica-lost",
                        "replaced");
    }

    @Test
    void scalesUpAndDownAndLeavesNothing() throws Exception {
        create("web", 1, Restart.ALWAYS);
        long first = id("web-1");
        desk.change("web", 3, null).getValue();
        assertThat(desk.settled("web").getValue().ready()).isEqualTo(3);
        assertThat(names()).containsExactly("web-1", "web-2", "web-3");

        desk.change("web", 1, null).getValue();
        assertThat(desk.settled("web").getValue().replicas()).hasSize(1);
        assertThat(names()).containsExactly("web-1");
        assertThat(id("web-1")).isEqualTo(first);

        desk.delete("web").getValue();
        assertThat(names()).isEmpty();
        assertThat(desk.find("web")).isEmpty();
        assertThat(events("web"))
                .contains("scaled", "replica-removed")
                .endsWith("deleting", "replica-removed", "deleted");
        assertThat(create("web", 1, Restart.NEVER).replicas())
                .as("the name is free")
                .hasSize(1);
    }

    @Test
    void thePolicySaysWhatIsReplacedWhenItHasEnded() throws Exception {
        create("job", 2, Restart.ON_FAILURE);
        vms.turn("job-1", Phase.STOPPED, null);
        State ended = await("job", state -> replica(state, 1).state() == ReplicaLifecycle.Phase.ENDED);
        assertThat(replica(ended, 1).reason()).isEqualTo("its VM is stopped");
        assertThatThrownBy(() -> desk.settled("job").getValue())
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .hasMessage("replica 1 has ended: its VM is stopped");

        vms.turn("job-1", Phase.RUNNING, null); // somebody starts it again
        await("job", state -> replica(state, 1).state() == ReplicaLifecycle.Phase.UP);
        vms.turn("job-1", Phase.STOPPED, null);
        await("job", state -> replica(state, 1).state() == ReplicaLifecycle.Phase.ENDED);
        desk.change("job", null, Restart.ALWAYS).getValue();
        await("job", state -> state.ready() == 2);

        desk.change("job", null, Restart.NEVER).getValue();
        vms.turn("job-2", Phase.CRASHED, "killed");
        await("job", state -> replica(state, 2).state() == ReplicaLifecycle.Phase.ENDED);
        vms.delete("job-2").getValue();
        assertThat(replica(await("job", state -> state.ready() == 2), 2).restarts())
                .isEqualTo(1);
    }

    @Test
    void whatWasMadeByAServerThatWasKilledIsFoundAndNotMadeTwice() throws Exception {
        vms.mute(true);
        State begun = desk.create(new Workload("web", SMALL, 2, Restart.ALWAYS)).getValue();
        assertThat(begun.coming() + begun.ready()).isEqualTo(2);
        await("web", state -> names().contains("web-1"));
        long made = id("web-1");
        desk.stop();
        vms.mute(false);

        desk = started();
        await("web", state -> state.ready() == 2);
        assertThat(names()).containsExactly("web-1", "web-2");
        assertThat(id("web-1")).isEqualTo(made);
        assertThat(events("web")).containsOnlyOnce("created");
    }

    @Test
    void aStoreThatDoesNotAnswerYetIsAskedAgain() throws Exception {
        create("web", 1, Restart.ALWAYS);
        desk.stop();
        AtomicBoolean away = new AtomicBoolean(true);
        desk = started((Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (away.getAndSet(false)) {
                        throw new IllegalStateException("it is not there yet");
                    }
                    return method.invoke(store, arguments);
                }));
        assertThat(desk.list()).hasSize(1);
    }

    @Test
    void whatNobodyNotedIsRemovedWithItsWorkload() throws Exception {
        vms.mute(true);
        desk.create(new Workload("web", SMALL, 1, Restart.ALWAYS)).getValue();
        await("web", state -> names().contains("web-1"));
        desk.stop();
        new WorkloadBook(gate()).leave("web");

        desk = started();
        synchronized (news) {
            while (desk.find("web").isPresent()) {
                news.wait(500);
            }
        }
        assertThat(names()).isEmpty();
    }

    private dev.viber.api.gate.Gate<Store> gate() {
        dev.viber.api.gate.Gate<Store> gate = new dev.viber.api.gate.Gate<>("store", Duration.ofSeconds(1));
        gate.open(store);
        return gate;
    }

    @Test
    void whatFailsAgainAndAgainWaitsLongerEachTimeAndIsTold() throws Exception {
        vms.broken("no such kernel");
        desk.create(new Workload("web", SMALL, 1, Restart.ON_FAILURE)).getValue();
        long begin = System.nanoTime();
        assertThatThrownBy(() -> desk.settled("web").getValue())
                .cause()
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("replica 1 has failed, 3 in a row, and is made again at ")
                .hasMessageEndingWith(": no such kernel");
        assertThat(System.nanoTime() - begin)
                .isGreaterThan(Duration.ofMillis(2900).toNanos());
        assertThat(vms.attempts()).isEqualTo(3);
        await("web", state -> String.valueOf(state.trouble()).contains("3 in a row"));

        vms.broken(null);
        State well = await("web", state -> state.ready() == 1);
        assertThat(well.trouble()).isNull();
        assertThat(replica(well, 1).restarts()).isEqualTo(3);
    }

    @Test
    void aShortageIsSaidOnceForAsLongAsItLasts() throws Exception {
        Workload.Template vast = new Workload.Template(1, 1_000_000_000, null, null, null, null, null);
        try (Said said = new Said(WorkloadRun.class)) {
            desk.create(new Workload("web", vast, 1, Restart.ALWAYS)).getValue();
            await("web", state -> String.valueOf(state.trouble()).contains("MiB of memory are free"));
            vms.listed.drainPermits();
            for (int looks = 0; looks < 5; looks++) {
                desk.settled("web"); // has it looked at, and waits for nothing here
                assertThat(vms.listed.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(said.lines()).singleElement().asString().contains("MiB of memory are free");
        }
        assertThat(desk.find("web").orElseThrow().trouble()).contains("MiB of memory are free");
    }

    @Test
    void aVmOfTheSameNameThatIsSomebodyElsesIsLeftAlone() throws Exception {
        vms.create(new VmSpec("web-1", 1, 64, null, null, VmSpec.Restart.NEVER, null, null, null), null)
                .getValue();
        long theirs = id("web-1");
        desk.create(new Workload("web", SMALL, 2, Restart.ALWAYS)).getValue();
        State seen = await("web", state -> state.ready() == 1 && state.trouble() != null);
        assertThat(seen.trouble()).endsWith("there is a VM named web-1 already");
        assertThat(replica(seen, 1).phase()).isNull();

        desk.delete("web").getValue();
        assertThat(names()).containsExactly("web-1");
        assertThat(id("web-1")).isEqualTo(theirs);
    }

    @Test
    void whatCannotBeIsRefused() throws Exception {
        assertThatThrownBy(() -> desk.create(new Workload("Web", SMALL, 1, Restart.ALWAYS)))
                .hasMessageStartingWith("name is 'Web'; wanted 1 to 40 lower-case letters");
        assertThatThrownBy(() -> desk.create(new Workload("web", SMALL, 1001, Restart.ALWAYS)))
                .hasMessage("replicas is 1001; wanted 0 to 1000");
        refuses(
                new Workload("web", new Workload.Template(0, 64, null, null, null, null, null), 1, Restart.ALWAYS),
                "cpu_cores is 0");
        create("web", 0, Restart.ALWAYS);
        refuses(new Workload("web", SMALL, 1, Restart.ALWAYS), "there is a workload named web already");
        assertThatThrownBy(() -> desk.change("nothing", 1, null)).hasMessage("There is no workload 'nothing'");
    }

    private void refuses(Workload workload, @Nullable String why) {
        assertThatThrownBy(() -> desk.create(workload).getValue()).cause().hasMessage(why);
    }
}
