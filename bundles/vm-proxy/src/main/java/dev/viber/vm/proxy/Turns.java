package dev.viber.vm.proxy;

import dev.viber.api.vm.Wheel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Has tasks wait for their turn at a browser while a person drives; where nobody can take over, nobody waits. */
@Component(service = Turns.class)
public final class Turns {
    private static final int LOCKED = 423;

    // No gate: a call that waits here must not hold up the wheel's own leaving, which ends the wait.
    private final AtomicReference<@Nullable Wheel> wheel = new AtomicReference<>();

    /** Waits for this request's turn; false where it was refused, and answered, since a person drives for too long. */
    boolean await(Request request, Response response, Callback callback, String vm) throws InterruptedException {
        Wheel present = wheel.get();
        if (present == null) {
            return true;
        }
        String key = request.getHeaders().get(Wheel.KEY);
        if (present.driver(vm).isEmpty()) {
            return true;
        }
        request.addIdleTimeoutListener(timeout -> false); // it is not idle, it waits
        Optional<Wheel.Driver> driver = present.await(vm, key);
        driver.ifPresent(person -> Doors.refuse(
                response,
                callback,
                LOCKED,
                "driven",
                "%s drives the browser of %s since %s; ask again when it is handed back"
                        .formatted(person.name(), vm, person.since())));
        return driver.isEmpty();
    }

    /** Waits for as long as a person drives who does not hold this key. */
    void hold(String vm, @Nullable String key) throws InterruptedException {
        Wheel present = wheel.get();
        while (present != null && present.await(vm, key).isPresent()) {
            present = wheel.get();
        }
    }

    /** A call was passed on that may have changed the tabs. */
    void tabsChanged(String vm) {
        Wheel present = wheel.get();
        if (present != null) {
            present.tabsChanged(vm);
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindWheel(Wheel found) {
        wheel.set(found);
    }

    void unbindWheel(Wheel gone) {
        wheel.compareAndSet(gone, null);
    }
}
