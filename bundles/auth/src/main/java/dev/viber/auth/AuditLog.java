package dev.viber.auth;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.Journal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;
import tools.jackson.databind.json.JsonMapper;

/** The audit log in the gateway's journal. */
@Component(service = Audit.class)
public final class AuditLog implements Audit {
    /** How many denials of strangers are kept in a minute. */
    static final int STRANGERS_A_MINUTE = 60;

    private static final int MOST_CHARS = 200;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gate<Store> store = new Gate<>("store of the gateway", Duration.ofSeconds(5));
    private final InstantSource clock;
    private long minute;
    private int strangers;
    private long uncounted;

    /** Made by Declarative Services. */
    @Activate
    public AuditLog() {
        this(InstantSource.system());
    }

    AuditLog(InstantSource clock) {
        this.clock = clock;
    }

    @Reference(
            target = "(" + Store.ROLE + "=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Override
    public Promise<Boolean> add(Deed deed) {
        long left = 0;
        if (deed.by() == null && deed.outcome() == Outcome.DENIED) {
            left = leftOut();
            if (left < 0) {
                return Promises.resolved(false);
            }
        }
        JournalEvent event = new JournalEvent(brief(deed.action()), clock.millis(), data(deed, left));
        return store.callAsync(s -> s.write(tables -> {
            tables.journal().append(TOPIC, List.of(event));
            return true;
        }));
    }

    /** How many denials were left out since the last one kept; -1 where this one is left out, too. */
    private synchronized long leftOut() {
        long now = clock.millis() / 60_000;
        if (now != minute) {
            minute = now;
            strangers = 0;
        }
        if (++strangers > STRANGERS_A_MINUTE) {
            uncounted++;
            return -1;
        }
        long left = uncounted;
        uncounted = 0;
        return left;
    }

    private static String data(Deed deed, long left) {
        Map<String, Object> data = new LinkedHashMap<>();
        Principal by = deed.by();
        if (by != null) {
            data.put("tokenId", by.tokenId());
            put(data, "name", by.name());
            data.put("role", word(by.role()));
        }
        put(data, "address", deed.address());
        put(data, "target", deed.target());
        data.put("outcome", word(deed.outcome()));
        Map<String, Object> detail = new LinkedHashMap<>();
        deed.detail().forEach((name, value) -> detail.put(name, value instanceof String text ? brief(text) : value));
        if (left > 0) {
            detail.put("leftOutBefore", left);
        }
        if (!detail.isEmpty()) {
            data.put("detail", detail);
        }
        return JSON.writeValueAsString(data);
    }

    private static void put(Map<String, Object> data, String name, @Nullable String value) {
        if (value != null) {
            data.put(name, brief(value));
        }
    }

    @Override
    public List<AuditEntry> list(long before, int limit) {
        return store.call(s -> s.read(tables -> {
            Journal journal = tables.journal();
            long last = journal.lastSeq(TOPIC);
            long to = before > 0 ? Math.min(before - 1, last) : last;
            long from = Math.max(0, to - limit);
            List<AuditEntry> entries = new ArrayList<>();
            for (Segment segment : journal.read(TOPIC, from, (int) Math.max(1, to - from))) {
                for (int i = 0; i < segment.events().size(); i++) {
                    if (segment.seq() + i <= to) {
                        entries.add(entry(segment.seq() + i, segment.events().get(i)));
                    }
                }
            }
            Collections.reverse(entries);
            return entries;
        }));
    }

    private static AuditEntry entry(long seq, JournalEvent event) {
        @SuppressWarnings("unchecked") // written above
        Map<String, Object> data = JSON.readValue(event.data(), Map.class);
        @SuppressWarnings("unchecked")
        Map<String, Object> detail = (Map<String, Object>) data.getOrDefault("detail", Map.of());
        String role = text(data.get("role"));
        return new AuditEntry(
                seq,
                Instant.ofEpochMilli(event.at()),
                text(data.get("tokenId")),
                text(data.get("name")),
                role == null ? null : Role.valueOf(role.toUpperCase(Locale.ROOT)),
                text(data.get("address")),
                event.kind(),
                text(data.get("target")),
                Outcome.valueOf(String.valueOf(data.get("outcome")).toUpperCase(Locale.ROOT)),
                detail);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static String brief(String text) {
        return text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS - 1) + "…";
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
