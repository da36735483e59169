package dev.viber.pools;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.browser.BrowserDesk;
import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.Browsers.Probe;
import dev.viber.api.browser.PoolDesk;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Store;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Browsers of vibers, at the desk of pools under ids that begin with the viber's. */
@Component(service = BrowserDesk.class, immediate = true)
public final class ViberBrowsers implements BrowserDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ViberBrowsers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Gate<PoolDesk> pools = new Gate<>("keeper of pools", PATIENCE);
    private final Gate<Store> store = new Gate<>("store", PATIENCE);
    private final Gate<Tokens> tokens = new Gate<>("token desk", PATIENCE);
    private final PoolBook book = new PoolBook(store);
    private @Nullable ServiceRegistration<RevocationListener> listening;

    /** Listens for revocations by itself: as a service of this component it would be wanted by the tokens it waits for. */
    @Activate
    void activate(BundleContext context) {
        listening = context.registerService(RevocationListener.class, this::revoked, null);
    }

    @Deactivate
    void deactivate() {
        if (listening != null) {
            listening.unregister();
        }
    }

    private static String prefix(String viberId) {
        return viberId + "/";
    }

    /** As its viber knows it. */
    private static Session own(Session session) {
        return new Session(
                session.id().substring(session.id().indexOf('/') + 1),
                session.pool(),
                session.vm(),
                session.since(),
                session.until());
    }

    @Override
    public Probe probe() {
        List<String> names = pools.call(PoolDesk::list).stream()
                .map(state -> state.pool().name())
                .toList();
        return names.isEmpty()
                ? new Probe(false, "the server has no pool of microVMs; 'viper pools create' makes one")
                : new Probe(true, "pools of microVMs: " + String.join(", ", names));
    }

    @Override
    public Promise<Session> acquire(String viberId, BrowserRequest request) {
        BrowserRequest asked =
                new BrowserRequest(prefix(viberId) + request.id(), request.limit(), request.patience(), null, null);
        return begin(request, asked)
                .flatMap(session -> pools.callAsync(desk -> welcome(desk, viberId, session)))
                .map(ViberBrowsers::own);
    }

    // One at a time: of two that ask for one session at once, the second has to see where the first waits. Who waits
    // does not
    // hold the desk, which tells them when it leaves.
    private synchronized Promise<Session> begin(BrowserRequest request, BrowserRequest asked) {
        return pools.call(desk ->
                desk.acquire(Choice.of(desk.list(), request, asked.id()).pool().name(), asked));
    }

    /** What was waited for may have come when its viber was not one any more. */
    private Promise<Session> welcome(PoolDesk desk, String viberId, Session session) {
        if (isKnown(viberId)) {
            return Promises.resolved(session);
        }
        return desk.release(session.pool(), session.id(), "its viber has no valid token any more")
                .map(gone -> {
                    throw new ProblemException(
                            Kind.FORBIDDEN, "viber %s has no valid token any more".formatted(viberId));
                });
    }

    @Override
    public List<Session> list(String viberId) {
        return book.startingWith(prefix(viberId)).stream()
                .map(ViberBrowsers::own)
                .toList();
    }

    @Override
    public synchronized Promise<Session> release(String viberId, String id) {
        String whole = prefix(viberId) + id;
        return pools.callAsync(desk -> desk.release(
                        book.session(whole)
                                .map(Session::pool)
                                .or(() -> Choice.had(desk.list(), whole)
                                        .map(state -> state.pool().name()))
                                .orElseThrow(() -> ProblemException.notFound("session", id)),
                        whole))
                .map(ViberBrowsers::own);
    }

    @Override
    public void admit(String viberId, String vm) {
        if (book.startingWith(prefix(viberId)).stream()
                .anyMatch(session -> session.vm().equals(vm))) {
            return;
        }
        for (PoolBook.Ended ended : book.ended(prefix(viberId))) {
            if (ended.vm().equals(vm)) {
                throw new ProblemException(
                        Kind.GONE,
                        "session %s has ended: %s"
                                .formatted(ended.id().substring(ended.id().indexOf('/') + 1), ended.reason()),
                        Map.of(LATE, ended.late()));
            }
        }
        // Whether there is such a VM is nothing that a viber learns.
        throw new ProblemException(Kind.FORBIDDEN, "no session of viber %s has a VM %s".formatted(viberId, vm));
    }

    private boolean isKnown(String viberId) {
        Instant now = Instant.now();
        return tokens.call(desk -> desk.list(viberId)).stream()
                .anyMatch(token -> token.role() == Role.VIBER
                        && token.revokedAt() == null
                        && (token.expiresAt() == null || token.expiresAt().isAfter(now)));
    }

    void revoked(Principal principal) {
        String viberId = principal.viberId();
        if (viberId != null) {
            endOfStrangers(prefix(viberId));
        }
    }

    /** Ends the sessions of vibers that have no valid token any more. */
    private void endOfStrangers(String prefix) {
        Thread.ofVirtual().name("browsers-of-vibers").start(() -> {
            try {
                for (Session session : book.startingWith(prefix)) {
                    int slash = session.id().indexOf('/');
                    if (slash > 0 && !isKnown(session.id().substring(0, slash))) {
                        end(session);
                    }
                }
            } catch (GateShutException e) {
                LOG.debug("sessions of vibers are looked at when all is back", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void end(Session session) throws InterruptedException {
        try {
            pools.callAsync(desk -> desk.release(session.pool(), session.id(), "its viber has no valid token any more"))
                    .getValue();
        } catch (InvocationTargetException | ProblemException e) {
            LOG.info("session {} of a viber without a token: {}", session.id(), e.getMessage());
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPools(PoolDesk found) {
        pools.open(found);
        endOfStrangers(""); // of those whose tokens ended while nobody was told
    }

    void unbindPools(PoolDesk gone) {
        pools.close(gone);
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
    void bindTokens(Tokens found) {
        tokens.open(found);
    }

    void unbindTokens(Tokens gone) {
        tokens.close(gone);
    }
}
