package dev.viber.pools;

import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.DurableStore;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** What the store knows of pools and their sessions: each change is one commit, with its event. */
final class PoolBook {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String POOLS = "pool/";
    private static final String SESSIONS = "browser-session/";
    /** VMs that were somebody's: nobody else is ever given one, whatever was killed between a session's end and its VM's. */
    private static final String USED = "browser-used/";

    private static final String ENDED = "browser-ended/";
    /** How long is known why a viber's session ended. */
    private static final Duration KNOWN = Duration.ofDays(1);

    private final DurableStore store;

    /**
     * What a viber's session was.
     *
     * @param reason why it ended, for people
     * @param late whether its time was over
     */
    record Ended(String id, String vm, Instant at, String reason, boolean late) {}

    PoolBook(Gate<Store> store) {
        this.store = new DurableStore(store);
    }

    List<Pool> pools() {
        return store.read(tables -> tables.values().list(POOLS).values().stream()
                .map(text -> JSON.readValue(text, Pool.class))
                .toList());
    }

    List<Session> sessions(String pool) {
        return startingWith("").stream()
                .filter(session -> session.pool().equals(pool))
                .toList();
    }

    /** Sessions whose ids begin so, oldest first. */
    List<Session> startingWith(String prefix) {
        return store.read(tables -> tables.values().list(SESSIONS + prefix).values().stream()
                .map(text -> JSON.readValue(text, Session.class))
                .sorted(Comparator.comparing(Session::since))
                .toList());
    }

    /** The VMs of a pool that were somebody's, whether they are still or not. */
    Set<String> used(String pool) {
        return store.read(tables -> used(tables, pool));
    }

    private static Set<String> used(Tables tables, String pool) {
        return tables.values().list(USED).entrySet().stream()
                .filter(entry -> entry.getValue().equals(pool))
                .map(entry -> entry.getKey().substring(USED.length()))
                .collect(Collectors.toSet());
    }

    /** These VMs are gone. */
    void forget(Collection<String> vms) throws InterruptedException {
        if (vms.isEmpty()) {
            return;
        }
        store.write(tables -> {
            vms.forEach(vm -> tables.values().remove(USED + vm));
            return true;
        });
    }

    /** What is known of sessions that have ended, of those whose ids begin so. */
    List<Ended> ended(String prefix) {
        return store.read(tables -> ended(tables, prefix));
    }

    private static List<Ended> ended(Tables tables, String prefix) {
        return tables.values().list(ENDED + prefix).values().stream()
                .map(text -> JSON.readValue(text, Ended.class))
                .toList();
    }

    Optional<Session> session(String id) {
        return store.read(tables -> tables.values().get(SESSIONS + id))
                .map(text -> JSON.readValue(text, Session.class));
    }

    /** A pool that is new. */
    Pool create(Pool pool) throws InterruptedException {
        return store.write(tables -> {
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
        return store.write(tables -> {
            if (tables.values().get(POOLS + pool.name()).isEmpty()) {
                throw ProblemException.notFound("pool", pool.name()); // deleted meanwhile
            }
            tables.values().put(POOLS + pool.name(), JSON.writeValueAsString(pool));
            tell(tables, pool.name(), "changed", Map.of("warm", pool.warm(), "most", pool.most()));
            return pool;
        });
    }

    void delete(String name) throws InterruptedException {
        store.write(tables -> {
            tables.values().remove(POOLS + name);
            used(tables, name).forEach(vm -> tables.values().remove(USED + vm));
            tell(tables, name, "deleted", Map.of());
            return name;
        });
    }

    void begin(Session session) throws InterruptedException {
        store.write(tables -> {
            tables.values().put(SESSIONS + session.id(), JSON.writeValueAsString(session));
            tables.values().put(USED + session.vm(), session.pool());
            tables.values().remove(ENDED + session.id());
            tell(tables, session.pool(), "acquired", Map.of("session", session.id(), "vm", session.vm()));
            return session;
        });
    }

    /** A session is over; the reason is told. */
    void end(Session session, String reason) throws InterruptedException {
        store.write(tables -> {
            tables.values().remove(SESSIONS + session.id());
            if (session.id().contains("/")) {
                keep(tables, session, reason, Instant.now());
            }
            tell(
                    tables,
                    session.pool(),
                    "released",
                    Map.of("session", session.id(), "vm", session.vm(), "message", reason));
            return session;
        });
    }

    /** A viber that comes back for what it had is told what became of it. */
    private static void keep(Tables tables, Session session, String reason, Instant now) {
        ended(tables, "").stream()
                .filter(one -> one.at().isBefore(now.minus(KNOWN)))
                .forEach(one -> tables.values().remove(ENDED + one.id()));
        boolean late = !session.until().isAfter(now);
        tables.values()
                .put(
                        ENDED + session.id(),
                        JSON.writeValueAsString(new Ended(session.id(), session.vm(), now, reason, late)));
    }

    private static void tell(Tables tables, String pool, String kind, Map<String, ?> more) {
        Map<String, Object> data = new java.util.LinkedHashMap<>(more);
        data.put("name", pool);
        tables.journal()
                .append(
                        Pool.TOPIC + pool,
                        List.of(new JournalEvent(kind, System.currentTimeMillis(), JSON.writeValueAsString(data))));
    }
}
