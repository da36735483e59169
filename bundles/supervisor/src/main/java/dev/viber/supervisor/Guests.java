package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.ControlLine;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle.Trigger;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What guests say over their control channels, what they are told, and what becomes of their VMs by it. */
final class Guests {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration PREPARED = Duration.ofSeconds(10);
    private static final int ENTROPY_BYTES = 64;
    private static final int MACHINE_ID_BYTES = 16;

    private final Lives lives;
    private final VmBook book;
    private final Gate<Network> network;
    private final Snapshots snapshots;
    private final Duration readyIn;

    Guests(Lives lives, VmBook book, Gate<Network> network, Snapshots snapshots, Duration readyIn) {
        this.lives = lives;
        this.book = book;
        this.network = network;
        this.snapshots = snapshots;
        this.readyIn = readyIn;
    }

    /**
     * From now on the guest is heard. A guest that boots is told to start what it is for; one that was another's, who it is
     * from now on, and what it said before it knew does not count.
     */
    void listen(VmRow row, Running one) {
        Monitor monitor = one.monitor();
        if (monitor == null) {
            return;
        }
        boolean isClone = row.origin() != null;
        if (isClone) {
            one.awaitIdentity();
        }
        try {
            GuestControl control =
                    new GuestControl(row.name(), monitor.control(), line -> heard(row.name(), one, row.token(), line));
            one.control(control);
            if (isClone) {
                control.say("identity", identity(row));
            }
        } catch (IOException e) {
            LOG.warn("the guest of {} cannot be heard: {}", row.name(), e.toString());
        }
    }

    /** Has a guest get ready to be kept; one that does not answer is kept as it is. */
    static void prepare(String name, Running one) throws InterruptedException {
        GuestControl control = one.control();
        if (control == null) {
            return;
        }
        CompletableFuture<Boolean> prepared = one.prepare();
        try {
            control.say("prepare", Map.of());
            prepared.get(PREPARED.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException | TimeoutException e) {
            LOG.warn("the guest of {} does not get ready to be kept: {}", name, e.toString());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All by which a machine is told from another, as {@code docs/protocols/guest-control.md} has it. */
    private Map<String, String> identity(VmRow row) {
        Network.Plan plan = network.call(Network::plan);
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("address", row.ipAddress() + "/" + plan.prefix());
        identity.put("gateway", plan.gateway());
        identity.put("mac", row.macAddress());
        identity.put("hostname", row.name());
        identity.put("dns", plan.gateway());
        identity.put("machine-id", random(MACHINE_ID_BYTES));
        identity.put("entropy", random(ENTROPY_BYTES));
        identity.put("token", row.token());
        Instant now = Instant.now();
        identity.put("time", "%d.%09d".formatted(now.getEpochSecond(), now.getNano()));
        return identity;
    }

    private static String random(int bytes) {
        byte[] drawn = new byte[bytes];
        RANDOM.nextBytes(drawn);
        return HexFormat.of().formatHex(drawn);
    }

    private void heard(String name, Running one, String token, ControlLine line) {
        try {
            switch (line.word()) {
                case "booted", "hello" -> {
                    GuestControl control = one.control();
                    // A guest may greet and be greeted in the same moment, and is started once.
                    if ("waiting".equals(line.get("state")) && control != null && one.toBeStarted()) {
                        control.say("start", Map.of("token", token));
                    }
                }
                case "ok" -> {
                    if ("identity".equals(line.get("for"))) {
                        one.hasIdentity();
                    } else if ("prepare".equals(line.get("for"))) {
                        one.isPrepared();
                    }
                }
                case "ready" -> {
                    if (!one.awaitsIdentity()) {
                        ready(name, one, line);
                    }
                }
                case "agent-exited" -> {
                    if ("failed".equals(line.get("state"))) {
                        giveUp(name, one, "the agent of its guest ends again and again");
                    } else {
                        step(name, one, Trigger.UNREADY, edit -> {});
                    }
                }
                case "error" -> {
                    LOG.warn("guest {} refused '{}': {}", name, line.get("for"), line.get("text"));
                    if ("identity".equals(line.get("for"))) {
                        giveUp(name, one, "its guest does not become another: " + line.get("text"));
                    }
                }
                default -> LOG.debug("guest {}: {}", name, line);
            }
        } catch (IOException e) {
            LOG.warn("guest {} cannot be told anything: {}", name, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ready(String name, Running one, ControlLine line) throws InterruptedException {
        lives.isWell(name);
        step(
                name,
                one,
                Trigger.READY,
                edit -> edit.guest(line.values())
                        .readyAt(Instant.now())
                        .error(null)
                        .origin(null));
        if (one.isClone()) {
            snapshots.sweep();
        }
    }

    /** A guest that will never be ready is ended, and its VM is failed with the reason. */
    private void giveUp(String name, Running one, String why) {
        lives.lanes().aside("failed", name, () -> {
            VmRow row = book.get(name);
            if (row.phase() == Phase.RUNNING && lives.forget(name, one)) {
                one.kill();
                // First, as where it dies by itself: who sees that it failed finds nothing of it.
                lives.launch().clear(row);
                lives.moved(book.move(
                        name,
                        Trigger.FAIL,
                        edit -> edit.process(null).error(lives.launch().withConsole(row, why))));
            }
            return true;
        });
    }

    /** Gives a guest up that has not announced itself in time. */
    void expect(String name, Running one, Duration time) {
        Thread.ofVirtual().name("vm-expected-" + name).start(() -> {
            try {
                if (!one.awaitEnd(time) && !lives.isClosed() && book.get(name).readyAt() == null) {
                    giveUp(name, one, "its guest did not announce itself within %d s".formatted(readyIn.toSeconds()));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.debug("vm {} is not expected any more", name, e);
            }
        });
    }

    /** A step that the guest causes: it counts only while its process is the VM's, and the table has it. */
    private void step(String name, Running one, Trigger trigger, Consumer<VmEdit> more) throws InterruptedException {
        if (!lives.isCurrent(name, one)) {
            return;
        }
        try {
            lives.moved(book.move(name, trigger, more));
        } catch (ProblemException e) {
            LOG.debug("guest {}: {}", name, e.getMessage());
        }
    }
}
