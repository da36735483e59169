package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk.Log;
import dev.viber.api.vm.VmLifecycle.Trigger;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings machines up and takes away what they leave: folder, tap, process, connections. */
final class Launch {
    private static final Logger LOG = LoggerFactory.getLogger(Launch.class);
    private static final int LAST_LINES = 2_000;

    private final SupervisorSettings settings;
    private final VmBook book;
    private final Gate<Network> network;
    private final Hypervisors hypervisors;
    private final Images images;
    private final Snapshots snapshots;
    private final Watch watch;
    private final Path run;
    private final Path logs;

    Launch(
            SupervisorSettings settings,
            VmBook book,
            Gate<Network> network,
            Hypervisors hypervisors,
            Images images,
            Snapshots snapshots,
            Watch watch) {
        this.settings = settings;
        this.book = book;
        this.network = network;
        this.hypervisors = hypervisors;
        this.images = images;
        this.snapshots = snapshots;
        this.watch = watch;
        run = Path.of(settings.run()).toAbsolutePath().resolve("vms");
        logs = Path.of(settings.logs()).toAbsolutePath();
    }

    /** The folder that holds all machines' folders. */
    Path run() {
        return run;
    }

    /** By the VM's id, which no later VM of the same name has. */
    Path folder(VmRow row) {
        return run.resolve(Long.toString(row.id()));
    }

    Path log(String name, Log log) {
        return logs.resolve(name + (log == Log.SERIAL ? ".serial.log" : ".log"));
    }

    /** Ends a process that no row names, and returns when it is dead. */
    void end(long pid) throws IOException, InterruptedException {
        CountDownLatch dead = new CountDownLatch(1);
        watch.watch(pid, dead::countDown).kill();
        awaitEnd(pid, dead);
    }

    /** Ends the process that this row names, where there is one, and returns when it is dead. */
    void end(VmRow row) throws IOException, InterruptedException {
        Processes.Identity process = VmEdit.processOf(row);
        if (process == null || !Processes.isAlive(process)) {
            return;
        }
        CountDownLatch dead = new CountDownLatch(1);
        Watch.Watched watched = watch.watch(process.pid(), dead::countDown);
        if (Processes.isAlive(process)) { // so that what is watched is no successor to its pid
            LOG.warn("process {} of vm {} was not taken up: it is ended", process.pid(), row.name());
            watched.kill();
            awaitEnd(process.pid(), dead);
        }
    }

    private static void awaitEnd(long pid, CountDownLatch dead) throws IOException, InterruptedException {
        if (!dead.await(30, TimeUnit.SECONDS)) {
            throw new IOException("process %d does not die".formatted(pid));
        }
    }

    /** What is told of a process from outside. */
    interface Ears {
        /** The process is dead. */
        void ended(Running running);

        /** Its hypervisor told something. */
        void happened(Running running, Monitor.Event event);
    }

    /**
     * Starts the process of a VM that is {@code starting}, connects to it and lets it run; one that is made from a snapshot
     * is that when this returns, and stands still.
     *
     * @param checked the snapshot it is made from, where that was looked at just now; null for one that boots, or whose
     *     snapshot is to be looked at here
     * @throws ProblemException with the reason, where it does not come up; nothing of it is left then but its logs
     */
    Running start(VmRow row, Snapshots.@Nullable Template checked, Ears ears) throws InterruptedException {
        Vm vm = VmEdit.shown(row);
        Running running = null;
        Long origin = row.origin();
        Snapshots.Template template = checked;
        try {
            if (template == null && origin != null) {
                template = snapshots.template(origin);
            }
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE, "vm %s: %s".formatted(row.name(), e.getMessage()));
        }
        String wanted =
                template == null ? vm.spec().hypervisor() : template.row().hypervisor();
        try (Hypervisors.Choice choice = hypervisors.choose(wanted)) {
            Network.Plan plan = network.call(Network::plan);
            String cmdline = template == null
                    ? images.cmdline(vm.spec(), plan, row.ipAddress())
                    : template.row().kernelCmdline();
            Machine machine = machine(row, cmdline, template == null ? null : template.folder());
            makeFolder(machine.folder());
            attach(vm.lease(), vm.spec().egress());
            running = spawn(row, choice, machine, ears);
            connect(choice.hypervisor(), machine, running, ears, Duration.ofMillis(settings.launch_ms()));
            Monitor monitor = running.monitor();
            if (monitor != null && template != null) {
                monitor.restore();
            } else if (monitor != null) {
                monitor.boot();
            }
            return running;
        } catch (ProblemException | GateShutException | IOException e) {
            String last = tail(log(row.name(), Log.HYPERVISOR));
            if (running != null) {
                running.kill();
            }
            clear(row);
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE,
                    "vm %s does not start: %s%s"
                            .formatted(row.name(), e.getMessage(), last.isEmpty() ? "" : "\n" + last));
        }
    }

    private Running spawn(VmRow row, Hypervisors.Choice choice, Machine machine, Ears ears)
            throws IOException, InterruptedException {
        Path output = log(row.name(), Log.HYPERVISOR);
        Files.createDirectories(logs);
        Processes.Identity process = Processes.start(choice.hypervisor().command(machine), machine.folder(), output);
        Running running = new Running(process);
        running.watched(watch.watch(process.pid(), () -> ears.ended(running)));
        try {
            book.note(
                    row.name(),
                    edit -> edit.process(process)
                            .launched(
                                    machine.cmdline(),
                                    choice.name(),
                                    choice.probe().accelerator())
                            .startedAt(Instant.now())
                            .readyAt(null)
                            .guest(Map.of()));
        } catch (RuntimeException e) {
            running.kill(); // no row names it, so nobody else ever would
            throw e;
        }
        return running;
    }

    /** Talks to a process that is there: one just started, or one of an earlier server. */
    void connect(Hypervisor hypervisor, Machine machine, Running running, Ears ears, Duration patience)
            throws IOException, InterruptedException {
        running.monitor(hypervisor.attach(machine, patience, event -> ears.happened(running, event)));
    }

    /** Finds a process of an earlier server again. */
    Running adopt(Processes.Identity process, Ears ears) throws IOException {
        Running running = new Running(process);
        running.watched(watch.watch(process.pid(), () -> ears.ended(running)));
        return running;
    }

    /** The machine of a row, as it was or will be started. */
    Machine machine(VmRow row, String cmdline, @Nullable Path template) {
        Vm vm = VmEdit.shown(row);
        return images.machine(
                vm.spec(),
                cmdline,
                folder(row),
                log(row.name(), Log.SERIAL),
                new Machine.Nic(vm.lease().tap(), vm.lease().macAddress()),
                template);
    }

    private static void makeFolder(Path folder) throws IOException {
        delete(folder); // of a start before, whose sockets would be in the way
        Files.createDirectories(folder.getParent());
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private void attach(Lease lease, @Nullable List<String> egress) throws IOException {
        Network.Plan plan = network.call(Network::plan);
        List<String> problems = network.call(Network::problems);
        if (!problems.isEmpty()) {
            throw new IOException(
                    "the network %s cannot be used: %s".formatted(plan.subnet(), String.join("; ", problems)));
        }
        network.call(present -> {
            present.attach(lease, egress);
            return true;
        });
    }

    /** Takes away what a dead process leaves: tap and folder; its logs and its address stay. */
    void clear(VmRow row) {
        try {
            network.call(present -> {
                present.detach(new Lease(row.ipAddress()));
                return true;
            });
            delete(folder(row));
        } catch (IOException | GateShutException e) {
            LOG.warn("what vm {} left behind could not be removed; it is tried again at the next start", row.name(), e);
        }
    }

    /** As {@link #clear}, and the logs too: where a VM is deleted. Fails where something of it stays. */
    void clearAll(VmRow row) throws IOException {
        network.call(present -> {
            present.detach(new Lease(row.ipAddress()));
            return true;
        });
        delete(folder(row));
        for (Log log : Log.values()) {
            Files.deleteIfExists(log(row.name(), log));
        }
    }

    /** What bears the number of a row, which is ours; anything else in the folder is somebody's own. */
    static List<Path> numbered(Path folder) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(one -> one.getFileName().toString().matches("[0-9]+"))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("what is left over in {} could not be looked for: {}", folder, e.toString());
            return List.of();
        }
    }

    /**
     * Removes a folder and all in it, or a file; does nothing where there is none. A hypervisor that was cut off leaves
     * folders in a machine's own, with links to a snapshot's files: what a link leads to stays.
     */
    static void delete(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    delete(file);
                }
            }
        }
        Files.deleteIfExists(folder);
    }

    /** The last lines of a log, for an error. */
    static String tail(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(LAST_LINES, file.length())];
            file.seek(file.length() - bytes.length);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8)
                    .replaceAll("[\\p{Cntrl}&&[^\\n]]", "")
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Why the trigger happened, with the console's last lines. */
    String withConsole(VmRow row, String why) {
        String last = tail(log(row.name(), Log.SERIAL));
        return last.isEmpty() ? why : why + "; its console ended with:\n" + last;
    }

    /** How a dead process has to be told. */
    static Trigger ending(Running running) {
        return running.endedWell() ? Trigger.EXITED : Trigger.CRASHED;
    }
}
