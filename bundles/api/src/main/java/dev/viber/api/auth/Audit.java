package dev.viber.api.auth;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/** Who did what, when, from where; kept in the journal as the topic {@link #TOPIC}, which only grows. */
@ProviderType
public interface Audit {
    /** The topic; no event stream shows it. */
    String TOPIC = "audit";

    /** How it came out. */
    enum Outcome {
        /** Done. */
        DONE,
        /** Refused: not known, not allowed, too often. */
        DENIED,
        /** Allowed, and failed. */
        FAILED
    }

    /**
     * One thing done or refused; never holds a secret.
     *
     * @param by who; null where nobody proved who they are
     * @param address from where; null for this process itself
     * @param action what: the name of a route, such as {@code revokeToken}, or {@code device.approve}
     * @param target what it was done to; null for nothing in particular
     * @param detail further facts: short texts and numbers
     */
    record Deed(
            @Nullable Principal by,
            @Nullable String address,
            String action,
            @Nullable String target,
            Outcome outcome,
            Map<String, Object> detail) {}

    /**
     * A deed as kept.
     *
     * @param seq its number, from 1, without gaps
     */
    record AuditEntry(
            long seq,
            Instant at,
            @Nullable String tokenId,
            @Nullable String name,
            @Nullable Role role,
            @Nullable String address,
            String action,
            @Nullable String target,
            Outcome outcome,
            Map<String, Object> detail) {}

    /**
     * Keeps a deed; durable when the promise resolves. Denials of strangers beyond some in a minute are counted instead,
     * and the count stands in the next one that is kept.
     */
    Promise<Boolean> add(Deed deed);

    /**
     * Entries, newest first.
     *
     * @param before only those with a lower number; 0 for the newest
     * @param limit at most this many, at least 1
     */
    List<AuditEntry> list(long before, int limit);
}
