package dev.viber.pools;

import dev.viber.api.browser.Pool;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.GuestVisits;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** The VMs of pools, at the desk of whichever supervisor there is. */
final class Machines implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{6}");
    private static final Duration ANSWER = Duration.ofSeconds(5);
    /** In bytes: guests are not trusted to come to an end. */
    private static final long LONGEST_ANSWER = 64 * 1024;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Gate<VmDesk> vms;
    private final Gate<SnapshotDesk> snapshots;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(ANSWER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    private final GuestVisits visits;

    Machines(Gate<VmDesk> vms, Gate<SnapshotDesk> snapshots) {
        this.vms = vms;
        visits = new GuestVisits(vms);
        this.snapshots = snapshots;
    }

    private static String prefix(String pool) {
        return "pool-" + pool + "-";
    }

    /** Whether this is the name of a pool's VM; a pool's name may be the beginning of another's. */
    static boolean isMember(String pool, String vm) {
        return vm.startsWith(prefix(pool))
                && ID.matcher(vm).region(prefix(pool).length(), vm.length()).matches();
    }

    List<Vm> of(String pool) {
        return vms.call(desk ->
                desk.list().stream().filter(vm -> isMember(pool, vm.name())).toList());
    }

    Set<String> names(String pool) {
        return of(pool).stream().map(Vm::name).collect(Collectors.toSet());
    }

    /** Whether this VM can be somebody's: it runs, or is about to. */
    boolean isThere(String name) {
        return vms.call(desk -> desk.find(name)).filter(Machines::isThere).isPresent();
    }

    static boolean isThere(Vm vm) {
        return vm.phase().isAlive() || vm.phase() == Phase.PENDING;
    }

    static boolean isComing(Vm vm) {
        return vm.phase() == Phase.PENDING || vm.phase() == Phase.STARTING || vm.phase() == Phase.RUNNING;
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
        VmSpec spec = new VmSpec(
                name, 1, 64, null, null, VmSpec.Restart.NEVER, pool.egress(), pool.snapshot(), pool.standby());
        return vms.call(desk -> desk.create(spec, null));
    }

    /** Deletes one; resolves when it is gone, whoever deleted it. */
    Promise<Void> delete(String name) {
        return vms.call(desk -> desk.delete(name)).<Void>map(_ -> null).recoverWith(failed -> {
            if (failed.getFailure() instanceof ProblemException problem
                    && problem.kind() == ProblemException.Kind.NOT_FOUND) {
                return Promises.resolved(null);
            }
            return null; // as it failed
        });
    }

    VmDesk.Door door(String name) {
        return vms.call(desk -> desk.door(name));
    }

    /** Those who are with one of them. */
    GuestVisits visits() {
        return visits;
    }

    /**
     * What becomes of asking an agent how it is.
     *
     * @param slow whether it has only not answered in time: perhaps as the host has too much to do
     * @param ailment what is wrong with it; empty where it answers and its Chrome is up
     */
    record Health(boolean slow, String ailment) {
        boolean isWell() {
            return ailment.isEmpty();
        }
    }

    /** How it is; one that stands by wakes. */
    Health health(Vm vm) throws InterruptedException {
        try (GuestVisits.Visit visit = visits.enter(vm.name())) {
            InetSocketAddress agent = visit.door().agent();
            HttpRequest request = HttpRequest.newBuilder(URI.create(
                            "http://%s:%d/healthz".formatted(agent.getAddress().getHostAddress(), agent.getPort())))
                    .build();
            CompletableFuture<HttpResponse<String>> asked =
                    http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), LONGEST_ANSWER));
            try {
                String said =
                        asked.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS).body();
                return new Health(false, said.contains("\"status\":\"ok\"") ? "" : "it says " + said.strip());
            } finally {
                asked.cancel(true); // where it has begun to answer, and does not end
            }
        } catch (TimeoutException e) {
            return new Health(true, "it does not answer");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return new Health(false, String.valueOf((cause == null ? e : cause).getMessage()));
        } catch (ProblemException e) {
            return new Health(false, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
