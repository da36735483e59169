package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/**
 * What opens a socket once, in the place of a token: a page cannot set headers, and a token in an address would stay in
 * histories and logs. In memory alone.
 */
@Component(service = Tickets.class)
public final class Tickets {
    /** How long one is good. */
    static final Duration LIFETIME = Duration.ofSeconds(60);

    private static final int MOST = 10_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * What one opens.
     *
     * @param viewer the id of the viewer who comes back with it; null for a new one
     */
    record Ticket(
            Principal by,
            String vm,
            boolean control,
            @Nullable String viewer) {}

    /** A ticket that holds does so for as long as its viewer is there. */
    private record Kept(Ticket ticket, boolean holds, long expiresAt) {
        boolean isGood() {
            return holds || System.nanoTime() - expiresAt < 0;
        }
    }

    private final Map<String, Kept> open = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > MOST;
        }
    };

    /** Makes one. */
    synchronized String issue(Ticket ticket) {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        put(text, ticket, false);
        return text;
    }

    /** Has this one be good until {@link #release}. */
    synchronized void hold(String text, Ticket ticket) {
        put(text, ticket, true);
    }

    /** Has this one be good for {@link #LIFETIME} from now on; one that was used is not. */
    synchronized void release(String text) {
        Kept kept = open.get(text);
        if (kept != null) {
            put(text, kept.ticket, false);
        }
    }

    private void put(String text, Ticket ticket, boolean holds) {
        open.values().removeIf(kept -> !kept.isGood());
        open.put(text, new Kept(ticket, holds, System.nanoTime() + LIFETIME.toNanos()));
    }

    /** Uses it up; empty where it is none for this VM, any more or at all. */
    synchronized Optional<Ticket> redeem(String text, String vm) {
        Kept kept = open.remove(text);
        return kept == null || !kept.isGood() || !kept.ticket.vm().equals(vm)
                ? Optional.empty()
                : Optional.of(kept.ticket);
    }
}
