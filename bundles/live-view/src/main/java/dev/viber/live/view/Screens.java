package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.live.view.Tickets.Ticket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The screens that somebody looks at: one for each VM, from its first viewer to its last. */
@Component(service = Screens.class, configurationPid = LiveSettings.PID)
public final class Screens {
    private static final int RESTART = 1012;
    private static final int TOKEN_REVOKED = 4401;
    private static final int REPLACED = 4409;

    /** One viewer's place, from before the upgrade to the end of its socket. */
    private record Seat(Viewer viewer, String vm, String resume) {}

    private final Desks desks;
    private final Wheels wheels;
    private final Tickets tickets;
    private final Revocations revocations;
    private final int most;
    private final Map<String, Screen> screens = new HashMap<>();
    private final Map<Viewer, Seat> seats = new HashMap<>();
    private final Consumer<String> onDriver = this::driverChanged;
    private final Consumer<String> onTabs = this::tabsChanged;
    private final Consumer<String> onRevoked = this::revoked;

    /** Nobody looks yet. */
    @Activate
    public Screens(
            @Reference Desks desks,
            @Reference Wheels wheels,
            @Reference Tickets tickets,
            @Reference Revocations revocations,
            LiveSettings settings) {
        this.desks = desks;
        this.wheels = wheels;
        this.tickets = tickets;
        this.revocations = revocations;
        most = settings.max_viewers();
        wheels.listen(onDriver, onTabs);
        revocations.tell(onRevoked);
    }

    @Deactivate
    void close() {
        wheels.forget(onDriver, onTabs);
        revocations.forget(onRevoked);
        List<Viewer> there;
        synchronized (this) {
            there = List.copyOf(seats.keySet());
            screens.values().forEach(Screen::close);
            screens.clear();
        }
        there.forEach(viewer -> viewer.close(RESTART, "this part restarts"));
    }

    /**
     * A viewer of this VM whose socket is about to open; one that comes back takes its own place.
     *
     * @throws ProblemException where as many watch as may
     */
    Viewer seat(Principal by, String vm, boolean control, @Nullable String again, boolean acknowledges) {
        Viewer viewer;
        List<Viewer> before;
        synchronized (this) {
            before = seats.keySet().stream()
                    .filter(other -> other.id().equals(again))
                    .toList();
            long there = seats.values().stream()
                    .filter(seat -> seat.vm().equals(vm) && !before.contains(seat.viewer()))
                    .count();
            if (there >= most) {
                throw new ProblemException(Kind.TOO_MANY, "%d people watch %s already".formatted(there, vm));
            }
            Screen screen = screens.computeIfAbsent(vm, name -> new Screen(name, desks, wheels));
            String id = again == null ? UUID.randomUUID().toString() : again;
            viewer = new Viewer(id, by, control, acknowledges, screen, this::leave);
            String resume = tickets.issue(new Ticket(by, vm, control, id));
            tickets.hold(resume, new Ticket(by, vm, control, id));
            seats.put(viewer, new Seat(viewer, vm, resume));
            Map<String, Object> hello = new LinkedHashMap<>();
            hello.put("type", "hello");
            hello.put("vm", vm);
            hello.put("mode", control ? "control" : "view");
            hello.put("viewer", id);
            hello.put("resume", resume);
            viewer.tell(hello);
        }
        before.forEach(other -> other.close(REPLACED, "this viewer came back by another socket"));
        return viewer;
    }

    /** This viewer is gone, or never came. */
    void leave(Viewer viewer) {
        synchronized (this) {
            Seat seat = seats.remove(viewer);
            if (seat == null) {
                return;
            }
            tickets.release(seat.resume());
            if (seats.values().stream().noneMatch(other -> other.vm().equals(seat.vm()))) {
                wheels.left(seat.vm(), viewer.id());
                Screen last = screens.remove(seat.vm());
                if (last != null) {
                    last.close();
                }
            }
        }
    }

    private void driverChanged(String vm) {
        each(vm, Screen::driverChanged);
    }

    private void tabsChanged(String vm) {
        each(vm, Screen::tabsChanged);
    }

    private void each(String vm, Consumer<Screen> what) {
        Screen screen;
        synchronized (this) {
            screen = screens.get(vm);
        }
        if (screen != null) {
            what.accept(screen);
        }
    }

    private void revoked(String tokenId) {
        List<Viewer> theirs;
        synchronized (this) {
            theirs = seats.keySet().stream()
                    .filter(viewer -> viewer.by().tokenId().equals(tokenId))
                    .toList();
        }
        wheels.revoke(tokenId);
        theirs.forEach(viewer -> viewer.close(TOKEN_REVOKED, "the token is not valid any more"));
    }
}
