package dev.viber.vm.proxy;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    @Override
    public void revoked(Principal principal) {
        Set<Runnable> all = byToken.remove(principal.tokenId());
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }
}
