package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Component;

/** Passes on that a token ended. A component without needs of its own, so that tokens and viewers need not wait for each other. */
@Component(service = {RevocationListener.class, Revocations.class})
public final class Revocations implements RevocationListener {
    private final Set<Consumer<String>> told = new CopyOnWriteArraySet<>();

    /** Tells of the ids of tokens that end, until {@link #forget}. */
    void tell(Consumer<String> who) {
        told.add(who);
    }

    /** Tells no more. */
    void forget(Consumer<String> who) {
        told.remove(who);
    }

    @Override
    public void revoked(Principal principal) {
        told.forEach(each -> each.accept(principal.tokenId()));
    }
}
