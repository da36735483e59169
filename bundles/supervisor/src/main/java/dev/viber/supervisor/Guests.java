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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What guests say over their control channels, what they are told, and what becomes of their VMs by it. */
final class Guests {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration ANSWER = Duration.ofSeconds(10);
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
        ask(name, one, "prepare", Map.of());
    }

    /** Tells a guest that stood still what time it is; one that does not answer goes on with the time it had. */
    static void setClock(String name, Running one) throws InterruptedException {
        ask(name, one, "seed", Map.of("time", now()));
    }

    private static void ask(String name, Running one, String word, Map<String, String> values)
            throws InterruptedException {
        GuestControl control = one.control();
        if (control == null) {
            return;
        }
        CompletableFuture<Boolean> answer = one.asked(word);
        try {
            control.say(word, values);
            answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException | TimeoutException e) {
            LOG.warn("the guest of {} does not answer to '{}': {}", name, word, e.toString());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String now() {
        Instant now = Instant.now();
        return "%d.%09d".formatted(now.getEpochSecond(), now.getNano());
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
        identity.put("time", now());
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
                    String word = line.get("for");
                    if ("identity".equals(word)) {
                        one.hasIdentity();
                    } else if (word != null) {
                        one.answered(word);
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
                        if (step(name, one, Trigger.UNREADY, edit -> {})) {
                            lives.expect(name, one);
                        }
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
        one.announced();
        lives.isWell(name);
        if (isKnown(name, line)) {
            return;
        }
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

    /** A guest that is ready and says so once more, as when it is asked, changes nothing and costs no write. */
    private boolean isKnown(String name, ControlLine line) {
        return book.find(name)
                .filter(row -> row.phase() == Phase.READY)
                .map(row -> lasting(VmEdit.shown(row).guest()).equals(lasting(line.values())))
                .orElse(false);
    }

    private static Map<String, String> lasting(Map<String, String> announced) {
        Map<String, String> lasting = new HashMap<>(announced);
        lasting.remove("uptime-ms");
        return lasting;
    }

    /** A guest that will never be ready is ended, and its VM is failed with the reason. */
    private void giveUp(String name, Running one, String why) {
        giveUp(name, one, () -> true, why);
    }

    private void giveUp(String name, Running one, BooleanSupplier stillSo, String why) {
        lives.lanes().aside("failed", name, () -> {
            VmRow row = book.get(name);
            if (row.phase() == Phase.RUNNING && stillSo.getAsBoolean() && lives.forget(name, one)) {
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

    /** Gives a guest up that does not announce itself in time, from now on. */
    void expect(String name, Running one, Duration time) {
        CompletableFuture<Boolean> announced = one.expected();
        Thread.ofVirtual().name("vm-expected-" + name).start(() -> {
            try {
                announced.get(time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                giveUp(
                        name,
                        one,
                        () -> !announced.isDone(),
                        "its guest did not announce itself within %d s".formatted(readyIn.toSeconds()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** A step that the guest causes; false where it does not count, as its process is not the VM's, or the table lacks it. */
    private boolean step(String name, Running one, Trigger trigger, Consumer<VmEdit> more) throws InterruptedException {
        if (!lives.isCurrent(name, one)) {
            return false;
        }
        try {
            lives.moved(book.move(name, trigger, more));
            return true;
        } catch (ProblemException e) {
            LOG.debug("guest {}: {}", name, e.getMessage());
            return false;
        }
    }
}
