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
        String wanted = request.pool();
        if (wanted == null && pools.names().isEmpty()) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE,
                    "there is no pool of microVMs; wanted one to take a browser from");
        }
        return pools.acquire(wanted == null ? pools.names().getFirst() : wanted, request)
                .map(this::shown);
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
    public Promise<Void> release(String id) {
        return pools.session(id)
                .map(session -> pools.release(session.pool(), id).<Void>map(gone -> null))
                .orElseGet(() -> promises.resolved(null));
    }
}
