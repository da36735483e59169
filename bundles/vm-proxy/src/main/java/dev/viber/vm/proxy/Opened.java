package dev.viber.vm.proxy;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/** What stays open in the name of a token, and is closed when that is not valid any more. */
@Component(service = {Opened.class, RevocationListener.class})
public final class Opened implements RevocationListener {
    private final Map<String, Set<Runnable>> byToken = new ConcurrentHashMap<>();

    /**
     * Has this closed when the token ends.
     *
     * @param by who opened it; null where nobody is known
     * @return what is to be run when it closes by itself
     */
    Runnable add(@Nullable Principal by, Runnable close) {
        if (by == null) {
            return () -> {};
        }
        byToken.compute(by.tokenId(), (_, had) -> {
            Set<Runnable> all = had == null ? ConcurrentHashMap.newKeySet() : had;
            all.add(close);
            return all;
        });
        return () -> byToken.computeIfPresent(by.tokenId(), (_, all) -> {
            all.remove(close);
            return all.isEmpty() ? null : all;
        });
    }

    /** Lets the caller of this request in, who may have to wait for what is opened. */
    Entry enter(Request request) {
        return enter(request.getAttribute(HttpContribution.PRINCIPAL) instanceof Principal by ? by : null);
    }

    Entry enter(@Nullable Principal by) {
        Entry entry = new Entry();
        entry.forget = add(by, entry::revoke);
        return entry;
    }

    /** Somebody who came in, from before they wait for anything: a token that ends meanwhile opens nothing. */
    static final class Entry implements AutoCloseable {
        private Runnable forget = () -> {};
        private @Nullable Runnable opened;
        private boolean revoked;

        /** A problem where the token has ended since they came in. */
        synchronized void check() {
            if (revoked) {
                throw new ProblemException(ProblemException.Kind.UNAUTHORIZED, "the token is not valid any more");
            }
        }

        /**
         * Has what was opened closed when the token ends; at once where it has ended.
         *
         * @return what is to be run when it closes by itself
         */
        Runnable opens(Runnable close) {
            synchronized (this) {
                if (!revoked) {
                    opened = close;
                    return forget;
                }
            }
            close.run();
            return () -> {};
        }

        private void revoke() {
            Runnable close;
            synchronized (this) {
                revoked = true;
                close = opened;
            }
            if (close != null) {
                close.run();
            }
        }

        /** Done, unless something was opened. */
        @Override
        public void close() {
            synchronized (this) {
                if (opened != null) {
                    return;
                }
            }
            forget.run();
        }
    }

    @Override
    public void revoked(Principal principal) {
        Set<Runnable> all = byToken.remove(principal.tokenId());
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }
}
