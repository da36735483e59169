package dev.viber.pools;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.VmDesk;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;

/** Browsers of microVMs, from pools, for whoever asks for one in this framework. */
final class VmBrowsers implements Browsers {
    private final PoolService pools;
    private final Machines machines;
    private final PromiseFactory promises;

    VmBrowsers(PoolService pools, Machines machines, PromiseFactory promises) {
        this.pools = pools;
        this.machines = machines;
        this.promises = promises;
    }

    @Override
    public Probe probe() {
        return pools.names().isEmpty()
                ? new Probe(false, "there is no pool of microVMs; 'viper pools create' makes one")
                : new Probe(true, "pools of microVMs: " + String.join(", ", pools.names()));
    }

    @Override
    public Promise<BrowserSession> acquire(BrowserRequest request) {
        return begin(request).map(this::shown);
    }

    /** One at a time: of two that ask for one session at once, the second has to see where the first waits. */
    private synchronized Promise<Session> begin(BrowserRequest request) {
        return pools.acquire(
                Choice.of(pools.list(), request, request.id()).pool().name(),
                new BrowserRequest(request.id(), request.limit(), request.patience(), null, null));
    }

    private BrowserSession shown(Session session) {
        VmDesk.Door door = machines.door(session.vm());
        return new BrowserSession(
                session.id(),
                "vm",
                "vm " + session.vm(),
                uri(door.agent()),
                uri(door.devtools()),
                door.token(),
                session.since(),
                session.until());
    }

    private static URI uri(InetSocketAddress address) {
        return URI.create("http://%s:%d".formatted(address.getAddress().getHostAddress(), address.getPort()));
    }

    @Override
    public List<BrowserSession> list() {
        return pools.list().stream()
                .flatMap(state -> state.sessions().stream())
                .map(this::shown)
                .toList();
    }

    @Override
    public Use use(String id) throws InterruptedException {
        // Its addresses are the guest's own: nobody else would see that it is used.
        Session session = pools.session(id)
                .orElseThrow(() -> new ProblemException(
                        // At the address that it had there may be somebody else's by now.
                        ProblemException.Kind.GONE, "session %s is over, and its browser is gone".formatted(id)));
        return machines.visits().enter(session.vm())::close;
    }

    @Override
    public Promise<Void> release(String id) {
        try {
            return pools.poolOf(id)
                    .map(pool -> pools.release(pool, id).<Void>map(gone -> null))
                    .orElseGet(() -> promises.resolved(null));
        } catch (ProblemException e) {
            if (e.kind() != ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
            return promises.resolved(null); // it waited, or has ended meanwhile
        }
    }
}
