package dev.viber.pools;

import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.util.promise.Promise;
import tools.jackson.databind.json.JsonMapper;

/** What the store knows of pools and their sessions: each change is one commit, with its event. */
final class PoolBook {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String POOLS = "pool/";
    private static final String SESSIONS = "browser-session/";

    private final Gate<Store> store;

    PoolBook(Gate<Store> store) {
        this.store = store;
    }

    List<Pool> pools() {
        return store.call(s -> s.read(tables -> tables.values().list(POOLS).values().stream()
                .map(text -> JSON.readValue(text, Pool.class))
                .toList()));
    }

    List<Session> sessions(String pool) {
        return store.call(s -> s.read(tables -> tables.values().list(SESSIONS).values().stream()
                .map(text -> JSON.readValue(text, Session.class))
                .filter(session -> session.pool().equals(pool))
                .sorted(java.util.Comparator.comparing(Session::since))
                .toList()));
    }

    Optional<Session> session(String id) {
        return store.call(s -> s.read(tables -> tables.values().get(SESSIONS + id)))
                .map(text -> JSON.readValue(text, Session.class));
    }

    /** A pool that is new. */
    Pool create(Pool pool) throws InterruptedException {
        return write(tables -> {
            if (tables.values().get(POOLS + pool.name()).isPresent()) {
                throw new ProblemException(
                        ProblemException.Kind.CONFLICT, "there is a pool named %s already".formatted(pool.name()));
            }
            tables.values().put(POOLS + pool.name(), JSON.writeValueAsString(pool));
            tell(tables, pool.name(), "created", Map.of("warm", pool.warm(), "most", pool.most()));
            return pool;
        });
    }

    Pool change(Pool pool) throws InterruptedException {
        return write(tables -> {
            tables.values().put(POOLS + pool.name(), JSON.writeValueAsString(pool));
            tell(tables, pool.name(), "changed", Map.of("warm", pool.warm(), "most", pool.most()));
            return pool;
        });
    }

    void delete(String name) throws InterruptedException {
        write(tables -> {
            tables.values().remove(POOLS + name);
            tell(tables, name, "deleted", Map.of());
            return name;
        });
    }

    Session begin(Session session) throws InterruptedException {
        return write(tables -> {
            tables.values().put(SESSIONS + session.id(), JSON.writeValueAsString(session));
            tell(tables, session.pool(), "acquired", Map.of("session", session.id(), "vm", session.vm()));
            return session;
        });
    }

    /** A session is over; the reason is told. */
    void end(Session session, String reason) throws InterruptedException {
        write(tables -> {
            tables.values().remove(SESSIONS + session.id());
            tell(
                    tables,
                    session.pool(),
                    "released",
                    Map.of("session", session.id(), "vm", session.vm(), "message", reason));
            return session;
        });
    }

    private static void tell(Tables tables, String pool, String kind, Map<String, ?> more) {
        Map<String, Object> data = new java.util.LinkedHashMap<>(more);
        data.put("name", pool);
        tables.journal()
                .append(
                        Pool.TOPIC + pool,
                        List.of(new JournalEvent(kind, System.currentTimeMillis(), JSON.writeValueAsString(data))));
    }

    private <T> T write(Store.Change<T> change) throws InterruptedException {
        Promise<T> promise = store.callAsync(s -> s.write(change));
        try {
            return promise.getValue();
        } catch (InvocationTargetException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof ProblemException problem) {
                    throw problem;
                }
            }
            throw new IllegalStateException("what happened to pools cannot be kept: " + e.getCause(), e);
        }
    }
}
