package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.Wheel;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** The wheels of all browsers: one person at each, or none; tasks wait meanwhile. */
@Component(
        service = {Wheel.class, Wheels.class},
        configurationPid = LiveSettings.PID)
@Designate(ocd = LiveSettings.class)
public final class Wheels implements Wheel {
    private static final Logger LOG = LoggerFactory.getLogger(Wheels.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    /** One person's turn. */
    record Turn(String vm, String viewer, Driver driver, String tokenId, String key) {}

    private final Desks desks;
    private final Duration grace;
    private final Duration longest;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Turn> turns = new HashMap<>();
    private final Map<String, Integer> absences = new HashMap<>();
    private final Set<Consumer<String>> told = new CopyOnWriteArraySet<>();
    private final Set<Consumer<String>> toldOfTabs = new CopyOnWriteArraySet<>();

    /** Nobody drives. */
    @Activate
    public Wheels(@Reference Desks desks, LiveSettings settings) {
        this.desks = desks;
        grace = Duration.ofMillis(settings.grace_ms());
        longest = Duration.ofMillis(settings.drive_ms());
        patience = Duration.ofMillis(settings.wait_ms());
    }

    @Deactivate
    void close() {
        lock.lock();
        try {
            List.copyOf(turns.values()).forEach(turn -> end(turn, "the live view stopped"));
        } finally {
            lock.unlock();
        }
    }

    /** Tells of each VM at which the driver changed, or the active tab may have. */
    void listen(Consumer<String> drivers, Consumer<String> tabs) {
        told.add(drivers);
        toldOfTabs.add(tabs);
    }

    /** Tells no more. */
    void forget(Consumer<String> drivers, Consumer<String> tabs) {
        told.remove(drivers);
        toldOfTabs.remove(tabs);
    }

    Duration grace() {
        return grace;
    }

    Duration longest() {
        return longest;
    }

    /** Gives the wheel to this viewer, unless another has it; returns who has it then. */
    Turn take(String vm, String viewer, Principal by) {
        lock.lock();
        try {
            Turn there = turns.get(vm);
            if (there != null) {
                return there;
            }
            byte[] key = new byte[18];
            RANDOM.nextBytes(key);
            String name = by.name() == null ? by.tokenId() : by.name();
            Turn turn = new Turn(
                    vm,
                    viewer,
                    new Driver(name, Instant.now()),
                    by.tokenId(),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(key));
            turns.put(vm, turn);
            later(longest, () -> end(turn, "the time was over"));
            publish(turn, "taken", "%s drives the browser".formatted(name));
            told.forEach(each -> each.accept(vm));
            return turn;
        } finally {
            lock.unlock();
        }
    }

    /** Who has it; null where nobody does. */
    @Nullable
    Turn turn(String vm) {
        lock.lock();
        try {
            return turns.get(vm);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the wheel from this viewer, where they have it; returns whether they had. */
    boolean release(String vm, String viewer, String why) {
        lock.lock();
        try {
            Turn turn = turns.get(vm);
            return turn != null && turn.viewer().equals(viewer) && end(turn, why);
        } finally {
            lock.unlock();
        }
    }

    /** There is nothing to drive any more. */
    void gone(String vm) {
        lock.lock();
        try {
            Turn turn = turns.get(vm);
            if (turn != null) {
                end(turn, "the VM is gone");
            }
        } finally {
            lock.unlock();
        }
    }

    /** This viewer's connection broke: they may come back for a while. */
    void left(String vm, String viewer) {
        lock.lock();
        try {
            Turn turn = turns.get(vm);
            if (turn == null || !turn.viewer().equals(viewer)) {
                return;
            }
            int absence = absences.merge(viewer, 1, Integer::sum);
            later(grace, () -> {
                if (absences.getOrDefault(viewer, 0) == absence) {
                    end(turn, "the driver left");
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** This viewer is back. */
    void back(String viewer) {
        lock.lock();
        try {
            absences.computeIfPresent(viewer, (id, absence) -> absence + 1);
        } finally {
            lock.unlock();
        }
    }

    /** Takes every wheel from the holder of this token. */
    void revoke(String tokenId) {
        lock.lock();
        try {
            List.copyOf(turns.values()).stream()
                    .filter(turn -> turn.tokenId().equals(tokenId))
                    .forEach(turn -> end(turn, "the driver's token was revoked"));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Driver> driver(String vm) {
        return Optional.ofNullable(turn(vm)).map(Turn::driver);
    }

    @Override
    public Optional<Driver> await(String vm, @Nullable String key) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            for (Turn turn = turns.get(vm); turn != null && !turn.key().equals(key); turn = turns.get(vm)) {
                if (left <= 0) {
                    return Optional.of(turn.driver());
                }
                left = changed.awaitNanos(left);
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void tabsChanged(String vm) {
        toldOfTabs.forEach(each -> each.accept(vm));
    }

    private boolean end(Turn turn, String why) {
        lock.lock();
        try {
            if (!turns.remove(turn.vm(), turn)) {
                return false;
            }
            absences.remove(turn.viewer());
            changed.signalAll();
            publish(
                    turn,
                    "handed-back",
                    "%s handed the browser back: %s".formatted(turn.driver().name(), why));
            told.forEach(each -> each.accept(turn.vm()));
            return true;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private static void later(Duration delay, Runnable what) {
        CompletableFuture.delayedExecutor(
                        delay.toMillis(),
                        TimeUnit.MILLISECONDS,
                        command -> Thread.ofVirtual().name("live-wheel").start(command))
                .execute(what);
    }

    /** Asks for the event at once, in the order of what happened; that it is durable is not waited for. */
    private void publish(Turn turn, String kind, String message) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", turn.vm());
        data.put("driver", turn.driver().name());
        data.put("message", message);
        JournalEvent event = new JournalEvent(
                kind, System.currentTimeMillis(), JsonMapper.shared().writeValueAsString(data));
        try {
            desks.events
                    .peek()
                    .ifPresent(bus -> bus.publish(Vm.TOPIC + turn.vm(), List.of(event))
                            .onFailure(e -> LOG.warn("'{}' is not in the journal: {}", message, e.toString())));
        } catch (IllegalStateException e) {
            LOG.warn("'{}' is not in the journal: {}", message, e.toString());
        }
    }
}
