package dev.viber.gateway;

import dev.viber.api.auth.Principal;
import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.CommandRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The parts of a running gateway and what they share: one way to change the tables, and what follows from a change. */
final class Gateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final Settings settings;
    private final Gate<Store> store;
    private final Sessions sessions = new Sessions();
    private final Set<Session> open = ConcurrentHashMap.newKeySet();
    private final Set<Session> unended = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Inbound inbound = new Inbound(this);
    private final Dispatcher dispatcher;
    private final Upkeep upkeep;
    private final Counters counters = new Counters(() -> sessions.all().size());
    private final PluginStates plugins = new PluginStates(this);
    private final Needs needs;
    private final Blobs blobs;
    private volatile String id = "";

    Gateway(Settings settings, Gate<Store> store, Needs needs) {
        this.settings = settings;
        this.store = store;
        this.needs = needs;
        blobs = new Blobs(settings.artifacts());
        dispatcher = new Dispatcher(this);
        upkeep = new Upkeep(this);
    }

    Settings settings() {
        return settings;
    }

    Sessions sessions() {
        return sessions;
    }

    Inbound inbound() {
        return inbound;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    PluginStates plugins() {
        return plugins;
    }

    Counters counters() {
        return counters;
    }

    Needs needs() {
        return needs;
    }

    Blobs blobs() {
        return blobs;
    }

    /** This gateway's own id, made once with its store. */
    String id() {
        return id;
    }

    /** Recovers and begins; returns when the store is there and every task has its place. */
    void start() {
        id = Inbound.await(change((tables, effects) -> {
            new Reconciliation(tables, effects, Instant.now(), settings.lease()).begun();
            String had = tables.values().get("gateway.id").orElse(null);
            if (had != null) {
                return had;
            }
            String made = "g-" + UUID.randomUUID();
            tables.values().put("gateway.id", made);
            return made;
        }));
        dispatcher.start();
        upkeep.start();
    }

    /**
     * Closes every socket, to be dialled again, and ends when what came over them is taken in and the end of each is
     * written down: the gateway that comes next must not be told later that a viber is gone that is back already.
     */
    void stop() {
        upkeep.stop();
        dispatcher.stop();
        for (Session session : open) {
            session.close(CloseCode.RESTART, "the gateway restarts");
        }
        long left = FAREWELL.toNanos();
        lock.lock();
        try {
            while (!unended.isEmpty() && left > 0) {
                left = ended.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        if (!unended.isEmpty()) {
            LOG.warn("{} sockets did not come to their end within {}", unended.size(), FAREWELL);
        }
    }

    /** Answers a question from what is committed. */
    <T extends @Nullable Object> T read(Store.Question<T> question) {
        return store.call(s -> s.read(question));
    }

    /** Changes the tables; when the promise resolves it is durable, and what follows from it has been set off. */
    <T> Promise<T> change(BiFunction<Tables, Effects, T> change) {
        Effects effects = new Effects();
        return store.callAsync(s -> s.<T>write(tables -> change.apply(tables, effects)))
                .map(value -> {
                    perform(effects);
                    return value;
                });
    }

    private void perform(Effects effects) {
        effects.moved.forEach(counters.moves::add);
        for (Effects.Slot slot : effects.slots) {
            sessions.find(slot.viberId()).ifPresent(session -> {
                if (slot.taken()) {
                    session.busy.add(slot.taskId());
                } else {
                    session.busy.remove(slot.taskId());
                }
            });
            if (!slot.taken()) {
                dispatcher.wake(slot.viberId());
            }
        }
        for (Effects.Direct direct : effects.direct) {
            sessions.find(direct.viberId()).ifPresent(session -> session.send(direct.frame()));
        }
        for (String viberId : effects.pump) {
            sessions.find(viberId)
                    .filter(session -> session.info() != null)
                    .ifPresent(session -> Thread.ofVirtual().start(session::pump));
        }
        effects.queuedFor.forEach(dispatcher::wake);
        if (effects.queuedForAny) {
            dispatcher.wakeAll();
        }
        if (effects.due) {
            upkeep.wake();
        }
    }

    /** A socket is open; it is nobody's until it says {@code connected}. */
    void opened(Session session) {
        unended.add(session);
        open.add(session);
    }

    /** A socket is closed. */
    void closed(Session session) {
        open.remove(session);
    }

    /** A token is no longer valid: every socket it opened is closed at once. */
    void revoked(Principal principal) {
        open.stream()
                .filter(session -> session.principal().tokenId().equals(principal.tokenId()))
                .forEach(session -> session.close(CloseCode.REVOKED, "the token was revoked"));
    }

    /** What the store holds for a viber, not acknowledged yet. */
    List<CommandRow> pendingCommands(String viberId) {
        return read(tables -> tables.commands().pending(viberId));
    }

    /** Appends an event about a viber. */
    Promise<Long> tell(String viberId, String kind, String data) {
        return change((tables, effects) -> tables.journal()
                .append("viber/" + viberId, List.of(new JournalEvent(kind, System.currentTimeMillis(), data))));
    }

    /** All that came over the socket, which is closed, is taken in; must not block. */
    void ended(Session session) {
        if (sessions.gone(session)) {
            gone(session);
        } else {
            forget(session);
        }
    }

    private void forget(Session session) {
        unended.remove(session);
        lock.lock();
        try {
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void gone(Session session) {
        Thread.ofVirtual().name("gone-" + session.viberId()).start(() -> {
            MDC.put("viber", session.viberId());
            counters.disconnects.increment();
            LOG.info("viber {} is gone", session.viberId());
            try {
                Inbound.await(change((tables, effects) -> {
                    // It may be back already; then its return, which comes after this change, says what is so.
                    if (sessions.find(session.viberId()).isEmpty()) {
                        new Reconciliation(tables, effects, Instant.now(), settings.lease())
                                .disconnected(session.viberId(), session.isMinimal());
                    }
                    return true;
                }));
            } catch (RuntimeException e) {
                LOG.warn(
                        "viber {} went away and that could not be written down; its tasks get their lease at the next start: {}",
                        session.viberId(),
                        e.toString());
            } finally {
                forget(session);
            }
        });
    }
}
