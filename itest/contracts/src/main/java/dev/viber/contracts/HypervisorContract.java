package dev.viber.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.Monitor.Event;
import dev.viber.api.vm.Monitor.Run;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every hypervisor must do, with real processes and a guest of 1 KiB (build/probe-guest); a hypervisor's test extends
 * this and says how to make one.
 */
public abstract class HypervisorContract {
    /** Long enough for a machine that is shared by many. */
    protected static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Where machines lie. */
    @TempDir
    protected Path folder = Path.of("");

    private final List<Started> started = new ArrayList<>();

    /** A machine with its process, a conversation with it, and what that told. */
    protected record Started(Machine machine, Process process, Monitor monitor, BlockingQueue<Event> events) {
        /** What happens next. */
        public Event next() throws InterruptedException {
            Event event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(event).as("an event of %s", machine.name()).isNotNull();
            return event;
        }
    }

    /** A hypervisor, as if the server had just started. */
    protected abstract Hypervisor hypervisor();

    /** What the guest is told so that it powers off: by the button, where it hears that, or by itself. */
    protected String powerOff() {
        return "button";
    }

    /** What the guest is told so that it resets. */
    protected String reset() {
        return "reset";
    }

    @AfterEach
    void endAll() throws InterruptedException {
        // Processes first: none is left, whatever closing comes to.
        for (Started each : started) {
            each.process.destroyForcibly().waitFor();
        }
        for (Started each : started) {
            each.monitor.close();
        }
    }

    /** A machine whose guest does this; a comma in its path is one that options of a command line have to bear. */
    protected Machine machine(String name, String doing) throws IOException {
        Path kernel = folder.resolve("guest");
        try (InputStream in = HypervisorContract.class.getResourceAsStream("guest.hex")) {
            assertThat(in).isNotNull();
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            Files.write(kernel, HexFormat.of().parseHex(text.replaceAll("\\s", "")));
        }
        Path own = Files.createDirectories(folder.resolve("vm," + name));
        return new Machine(name, own, 1, 64, kernel, null, null, "do=" + doing, null, own.resolve("serial.log"), null);
    }

    /** Starts the process as a supervisor does, and attaches. */
    protected Started start(Machine machine) throws IOException, InterruptedException {
        Hypervisor hypervisor = hypervisor();
        Hypervisor.Command command = hypervisor.command(machine);
        ProcessBuilder builder = new ProcessBuilder(command.arguments())
                .redirectErrorStream(true)
                .redirectOutput(machine.folder().resolve("hypervisor.log").toFile());
        builder.environment().putAll(command.environment());
        return attach(hypervisor, machine, builder.start());
    }

    /** Attaches to a process that is there. */
    protected Started attach(Hypervisor hypervisor, Machine machine, Process process)
            throws IOException, InterruptedException {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        Monitor monitor;
        try {
            monitor = hypervisor.attach(machine, PATIENCE, events::add);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new IOException(
                    e.getMessage() + "; it said: "
                            + Files.readString(machine.folder().resolve("hypervisor.log")),
                    e);
        }
        Started all = new Started(machine, process, monitor, events);
        started.add(all);
        return all;
    }

    /** Starts a machine and waits until its guest says that it is ready. */
    protected Started ready(Machine machine) throws IOException, InterruptedException {
        Started all = start(machine);
        all.monitor.boot();
        awaitText(machine.serial(), "ready");
        return all;
    }

    /** Waits until a file says this. */
    protected static void awaitText(Path file, String text) throws IOException, InterruptedException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (!Files.exists(file) || !Files.readString(file).contains(text)) {
                WatchKey key = watch.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(key).as("'%s' in %s", text, file).isNotNull();
                key.pollEvents();
                key.reset();
            }
        }
    }

    private static void awaitEnd(Started all) throws InterruptedException {
        assertThat(all.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aMachineRunsStandsStillGoesOnAndEnds() throws Exception {
        Started all = ready(machine("one", "idle"));
        assertThat(all.monitor.run()).isEqualTo(Run.RUNNING);
        all.monitor.boot();
        all.monitor.powerButton();
        all.monitor.pause();
        assertThat(all.monitor.run()).isEqualTo(Run.PAUSED);
        all.monitor.pause();
        assertThat(all.monitor.run()).isEqualTo(Run.PAUSED);
        all.monitor.resume();
        all.monitor.resume();
        assertThat(all.monitor.run()).isEqualTo(Run.RUNNING);
        all.monitor.quit();
        assertThat(all.next()).isEqualTo(Event.HOST_SHUTDOWN);
        assertThat(all.next()).isEqualTo(Event.LOST);
        awaitEnd(all);
        assertThat(all.process.exitValue()).isZero();
    }

    @Test
    void aGuestThatPowersOffTellsSo() throws Exception {
        Started all = ready(machine("off", powerOff()));
        if (powerOff().equals("button")) {
            all.monitor.powerButton();
        }
        assertThat(all.next()).isEqualTo(Event.GUEST_SHUTDOWN);
        assertThat(all.next()).isEqualTo(Event.LOST);
        awaitEnd(all);
    }

    @Test
    void aGuestThatResetsTellsSo() throws Exception {
        Started all = ready(machine("reset", reset()));
        if (reset().equals("reset")) {
            all.monitor.powerButton();
        }
        assertThat(all.next()).isEqualTo(Event.RESET);
    }

    @Test
    void aKilledProcessIsLostOnceAndAnswersNothing() throws Exception {
        Started all = ready(machine("killed", "idle"));
        all.process.destroyForcibly();
        assertThat(all.next()).isEqualTo(Event.LOST);
        assertThatThrownBy(all.monitor::run).isInstanceOf(IOException.class);
        assertThatThrownBy(all.monitor::pause).isInstanceOf(IOException.class);
        all.monitor.close();
        all.monitor.close();
        assertThat(all.events).isEmpty();
    }

    @Test
    void aMachineIsTakenOverAndItsFirstMonitorIsToldNoMore() throws Exception {
        Started first = ready(machine("adopted", "idle"));
        first.monitor.pause();
        first.monitor.close();
        Started second = attach(hypervisor(), first.machine, first.process);
        assertThat(second.monitor.run()).isEqualTo(Run.PAUSED);
        second.monitor.resume();
        assertThat(second.monitor.run()).isEqualTo(Run.RUNNING);
        second.monitor.quit();
        assertThat(second.next()).isEqualTo(Event.HOST_SHUTDOWN);
        assertThat(second.next()).isEqualTo(Event.LOST);
        assertThat(first.events).isEmpty();
        assertThatThrownBy(first.monitor::run).isInstanceOf(IOException.class);
    }

    /** Keeps a machine that runs, in a folder of this name; it runs afterwards. */
    private Path keep(Started all, String name) throws IOException, InterruptedException {
        Path kept = Files.createDirectories(folder.resolve(name));
        all.monitor.pause();
        List<String> files = all.monitor.snapshot(all.process.pid(), kept);
        assertThat(files)
                .isNotEmpty()
                .allSatisfy(file -> assertThat(kept.resolve(file)).exists());
        assertThat(all.monitor.run()).isEqualTo(Run.PAUSED);
        all.monitor.resume();
        assertThat(all.monitor.run()).isEqualTo(Run.RUNNING);
        return kept;
    }

    private Started clone(String name, Machine of, Path template) throws IOException, InterruptedException {
        Path own = Files.createDirectories(folder.resolve("vm," + name));
        Started all = start(new Machine(
                name,
                own,
                of.cpuCores(),
                of.memoryMb(),
                of.kernel(),
                of.initrd(),
                of.root(),
                of.cmdline(),
                null,
                own.resolve("serial.log"),
                template));
        all.monitor.restore();
        assertThat(all.monitor.run()).isEqualTo(Run.PAUSED);
        all.monitor.resume();
        assertThat(all.monitor.run()).isEqualTo(Run.RUNNING);
        return all;
    }

    @Test
    void aMachineThatRunsIsMadeAgainAndSoIsWhatWasMade() throws Exception {
        boolean hearsButton = powerOff().equals("button");
        Started source = ready(machine("source", hearsButton ? powerOff() : "idle"));
        Path kept = keep(source, "kept");
        Started first = clone("first", source.machine, kept);
        Started second = clone("second", source.machine, kept);
        Path again = keep(first, "kept again");
        Started third = clone("third", source.machine, again);
        for (Started each : List.of(second, third, first)) {
            if (hearsButton) {
                each.monitor.powerButton(); // its guest is where the source's was, and hears it
                assertThat(each.next()).isEqualTo(Event.GUEST_SHUTDOWN);
                awaitEnd(each);
            } else {
                each.monitor.quit();
                assertThat(each.next()).isEqualTo(Event.HOST_SHUTDOWN);
            }
        }
        assertThat(source.monitor.run()).isEqualTo(Run.RUNNING);
        assertThat(source.events).isEmpty();
    }

    @Test
    void aFolderIsUsedAgainAfterItsProcessWasKilled() throws Exception {
        Machine machine = machine("again", "idle");
        Started first = ready(machine);
        first.process.destroyForcibly().waitFor();
        Files.delete(machine.serial());
        Started second = ready(machine);
        assertThat(second.monitor.run()).isEqualTo(Run.RUNNING);
    }

    @Test
    void whereNoProcessIsAttachingSaysSo() throws Exception {
        Machine machine = machine("nobody", "idle");
        assertThatThrownBy(() -> hypervisor().attach(machine, Duration.ofMillis(50), each -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nobody");
    }

    @Test
    void aMachineThatCannotBeIsRefused() throws Exception {
        Machine good = machine("bad", "idle");
        assertRefused(
                new Machine("bad", good.folder(), 0, 64, good.kernel(), null, null, "", null, good.serial(), null));
        Path far = good.folder().resolve("x".repeat(100));
        assertRefused(new Machine("bad", far, 1, 64, good.kernel(), null, null, "", null, good.serial(), null));
        assertRefused(
                new Machine("bad", Path.of("here"), 1, 64, good.kernel(), null, null, "", null, good.serial(), null));
    }

    private void assertRefused(Machine machine) {
        assertThatThrownBy(() -> hypervisor().command(machine))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bad");
    }
}
