package dev.viber.pools;

import dev.viber.api.browser.Pool;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.osgi.util.promise.Promise;

/** The VMs of pools, at the desk of whichever supervisor there is. */
final class Machines implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Gate<VmDesk> vms;
    private final Gate<SnapshotDesk> snapshots;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(ANSWER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    private final Set<String> awaited = ConcurrentHashMap.newKeySet();

    Machines(Gate<VmDesk> vms, Gate<SnapshotDesk> snapshots) {
        this.vms = vms;
        this.snapshots = snapshots;
    }

    private static String prefix(String pool) {
        return "pool-" + pool + "-";
    }

    List<Vm> of(String pool) {
        // A pool's name may be the beginning of another's.
        Pattern member = Pattern.compile(Pattern.quote(prefix(pool)) + "[0-9a-f]{6}");
        return vms.call(desk -> desk.list().stream()
                .filter(vm -> member.matcher(vm.name()).matches())
                .toList());
    }

    int memoryMb(Pool pool) {
        return snapshots
                .call(desk -> desk.findSnapshot(pool.snapshot()))
                .orElseThrow(() -> ProblemException.notFound("snapshot", pool.snapshot()))
                .memoryMb();
    }

    /** A name for a member that is to be. */
    static String newName(Pool pool) {
        return prefix(pool.name()) + "%06x".formatted(RANDOM.nextInt(1 << 24));
    }

    /** Begins to make a member; resolves when its process runs. */
    Promise<VmDesk.Made> make(Pool pool, String name) {
        VmSpec spec = new VmSpec(name, 1, 64, null, null, VmSpec.Restart.NEVER, pool.egress(), pool.snapshot());
        return vms.call(desk -> desk.create(spec, null));
    }

    /** Tells once when it is ready, or will not be. */
    void whenReady(String name, Runnable tell) {
        if (awaited.add(name)) {
            vms.call(desk -> desk.ready(name)).onResolve(() -> {
                awaited.remove(name);
                tell.run();
            });
        }
    }

    Promise<Vm> delete(String name) {
        return vms.call(desk -> desk.delete(name));
    }

    VmDesk.Door door(String name) {
        return vms.call(desk -> desk.door(name));
    }

    /** Whether its agent answers, and its Chrome is up. */
    boolean isWell(Vm vm) throws InterruptedException {
        try {
            VmDesk.Door door = door(vm.name());
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://%s:%d/healthz"
                            .formatted(
                                    door.agent().getAddress().getHostAddress(),
                                    door.agent().getPort())))
                    .timeout(ANSWER)
                    .build();
            return http.send(request, BodyHandlers.ofString()).body().contains("\"status\":\"ok\"");
        } catch (IOException | ProblemException e) {
            return false;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
