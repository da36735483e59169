package dev.viber.pools;

import com.sun.net.httpserver.HttpServer;
import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.Browsers;
import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Snapshot;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import dev.viber.store.sqlite.SqliteStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** Pools over a real store, with VMs that are nothing but names, ready at once, whose agents are one web server. */
final class Bench implements AutoCloseable {
    final SqliteStore store;
    /** Every VM there ever was. */
    final List<String> made = new CopyOnWriteArrayList<>();

    /** Run before an agent says that it is well. */
    volatile Runnable atHealth = () -> {};

    /** Run before a VM is deleted; what it throws comes of it instead. */
    volatile Consumer<String> atDelete = _ -> {};

    /** One for each time that the VMs were listed. */
    final Semaphore listed = new Semaphore(0);

    /** What VMs wait for before they are there; null for nothing. */
    volatile @Nullable Deferred<Boolean> late;

    /** MiB of the snapshot that its VMs are clones of. */
    volatile int memoryMb = 64;

    /** What others of the framework have of it. */
    final AtomicReference<Browsers> browsers = new AtomicReference<>();

    private final HttpServer agent;
    private final Map<String, Vm> vms = new ConcurrentSkipListMap<>();
    private PoolService pools;

    Bench(Path folder) throws IOException, InterruptedException {
        agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        agent.createContext("/healthz", exchange -> {
            atHealth.run();
            byte[] body = "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        agent.start();
        store = new SqliteStore(standIn(SqliteStore.Config.class, (name, _) -> switch (name) {
            case "store" -> "gateway";
            case "path" -> folder.resolve("state.db").toString();
            default -> null;
        }));
        pools = keeper(store);
    }

    private interface Answer {
        @Nullable
        Object to(String method, Object @Nullable [] arguments);
    }

    private static <T> T standIn(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                Bench.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    Object said = answer.to(method.getName(), given);
                    if (said == null && method.getName().equals("hashCode")) {
                        return System.identityHashCode(proxy);
                    }
                    return said == null && method.getDefaultValue() != null ? method.getDefaultValue() : said;
                }));
    }

    private PoolService keeper(Store over) throws InterruptedException {
        CountDownLatch serves = new CountDownLatch(2); // as both of its services, when it has taken up what there was
        PoolService made = new PoolService(standIn(BundleContext.class, (name, given) -> {
            if (given == null || !name.equals("registerService")) {
                return null;
            }
            if (given[1] instanceof Browsers service) {
                browsers.set(service);
            }
            serves.countDown();
            return standIn(ServiceRegistration.class, (_, _) -> null);
        }));
        made.bindStore(over);
        made.bindVms(standIn(VmDesk.class, this::vms));
        made.bindSnapshots(standIn(
                SnapshotDesk.class,
                (name, given) -> name.equals("findSnapshot")
                        ? Optional.of(new Snapshot(
                                1, "blank", "src", 1, memoryMb, "qemu", "tcg", "here", 1, "", Instant.EPOCH))
                        : null));
        made.open();
        if (!serves.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the keeper of pools does not serve");
        }
        return made;
    }

    private @Nullable Object vms(String method, Object @Nullable [] given) {
        return switch (method) {
            case "list" -> {
                List<Vm> all = List.copyOf(vms.values());
                listed.release();
                yield all;
            }
            case "find" -> Optional.ofNullable(vms.get(first(given)));
            case "ready" -> Promises.resolved(vms.get(first(given)));
            case "enter" -> Promises.resolved(door());
            case "door" -> door();
            case "delete" -> delete(first(given));
            case "create" -> {
                VmSpec spec = (VmSpec) (given == null ? null : given[0]);
                if (spec == null) {
                    throw new IllegalArgumentException("no spec");
                }
                made.add(spec.name());
                Deferred<Boolean> awaited = late;
                if (awaited != null) {
                    yield awaited.getPromise().map(_ -> new VmDesk.Made(put(spec, Phase.READY), false));
                }
                yield Promises.resolved(new VmDesk.Made(put(spec, Phase.READY), false));
            }
            default -> null;
        };
    }

    private Promise<Vm> delete(String name) {
        try {
            atDelete.accept(name);
        } catch (ProblemException e) {
            return Promises.failed(e);
        }
        Vm was = vms.remove(name);
        return was == null ? Promises.failed(ProblemException.notFound("VM", name)) : Promises.resolved(was);
    }

    private VmDesk.Door door() {
        return new VmDesk.Door(agent.getAddress(), agent.getAddress(), "secret");
    }

    private static String first(Object @Nullable [] given) {
        return given == null ? "" : String.valueOf(given[0]);
    }

    private Vm put(VmSpec spec, Phase phase) {
        Vm vm = new Vm(
                made.size(),
                spec,
                phase,
                1L,
                new Lease("192.168.127.10"),
                null,
                null,
                null,
                null,
                Map.of(),
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                null);
        vms.put(spec.name(), vm);
        return vm;
    }

    boolean isThere(String vm) {
        return vms.containsKey(vm);
    }

    /** Somebody else deletes what VMs there are. */
    void vanish() {
        vms.clear();
    }

    /** Its hypervisor ends by itself. */
    void crash(String vm) {
        Vm was = vms.get(vm);
        if (was != null) {
            put(was.spec(), Phase.CRASHED);
        }
    }

    PoolService pools() {
        return pools;
    }

    /** A pool that keeps nothing ready. */
    Bench pool(String name, int most, @Nullable List<String> egress) throws Exception {
        pools.create(new Pool(name, "blank", 0, most, Duration.ofHours(1), egress, null))
                .getValue();
        return this;
    }

    static BrowserRequest request(String id) {
        return new BrowserRequest(id, Duration.ofMinutes(10), Duration.ofSeconds(30), null, null);
    }

    Promise<Session> ask(String pool, String id) {
        return pools.acquire(pool, request(id));
    }

    /** Another keeper in the place of this one, over the same store and VMs. */
    void again() throws InterruptedException {
        again(store);
    }

    /** Another keeper in the place of this one, over what is told to be the store, and the same VMs. */
    void again(Store over) throws InterruptedException {
        pools.stop();
        pools = keeper(over);
    }

    @Override
    public void close() {
        pools.stop();
        agent.stop(0);
        store.close();
    }
}
