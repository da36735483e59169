package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.SnapshotRow;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Monitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots and their files. Those of a fork are templates for as long as machines are made of them, and are neither synced
 * nor shown; a fork that was cut off goes on from its template as long as the host has not been started over.
 */
final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    /** What a machine is made from. */
    record Template(SnapshotRow row, Path folder) {}

    private final SnapshotBook book;
    private final VmBook vms;
    private final Hypervisors hypervisors;
    private final Images images;
    private final Path root;
    /** Templates of which machines are about to be made, and no row says so yet. */
    private final Set<Long> held = ConcurrentHashMap.newKeySet();

    private final SoundFiles sound = new SoundFiles();

    Snapshots(SupervisorSettings settings, SnapshotBook book, VmBook vms, Hypervisors hypervisors, Images images) {
        this.book = book;
        this.vms = vms;
        this.hypervisors = hypervisors;
        this.images = images;
        root = Path.of(settings.snapshots()).toAbsolutePath();
    }

    private Path folder(long id) {
        return root.resolve(Long.toString(id));
    }

    /**
     * Writes down what a VM is now; the caller holds its lane. It goes on as it was.
     *
     * @param kept whether it is a snapshot; else it is a template, and stays until it is {@link #released}
     */
    SnapshotRow keep(VmRow row, Running one, String name, boolean kept) throws InterruptedException, IOException {
        Monitor monitor = one.monitor();
        String hypervisor = row.hypervisor();
        String accelerator = row.accelerator();
        String cmdline = row.kernelCmdline();
        if (monitor == null || hypervisor == null || accelerator == null || cmdline == null) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE,
                    "the hypervisor of vm %s cannot be reached".formatted(row.name()));
        }
        SnapshotRow begun = book.begin(new SnapshotRow(
                0,
                name,
                row.name(),
                kept,
                false,
                row.spec(),
                cmdline,
                hypervisor,
                accelerator,
                boundTo(hypervisor, kept),
                "{}",
                0,
                Instant.now()));
        if (!kept) {
            held.add(begun.id());
        }
        Path folder = folder(begun.id());
        try {
            makeFolder(folder);
            List<String> files = write(monitor, one.process.pid(), folder);
            Map<String, String> digests = kept ? SnapshotFiles.settle(folder, files) : Map.of();
            SnapshotRow whole = book.whole(begun, digests, SnapshotFiles.bytes(folder));
            sound.written(whole, folder);
            return whole;
        } catch (IOException | RuntimeException | InterruptedException e) {
            discard(begun);
            throw e;
        }
    }

    /**
     * A machine was written down and does not go on again.
     *
     * <p>It is as it was, and loses nothing by standing still; but whoever has it must be told.
     */
    static final class StandsStillException extends IOException {
        private static final long serialVersionUID = 1L;

        StandsStillException(IOException why) {
            super("it stands still since it was written down, and does not go on: " + why.getMessage(), why);
        }
    }

    /** Has the files of a machine written, which goes on as it was before. */
    static List<String> write(Monitor monitor, long pid, Path folder) throws IOException, InterruptedException {
        if (monitor.run() != Monitor.Run.RUNNING) {
            return monitor.snapshot(pid, folder);
        }
        monitor.pause();
        try {
            return monitor.snapshot(pid, folder);
        } finally {
            goOn(monitor);
        }
    }

    private static void goOn(Monitor monitor) throws StandsStillException {
        try {
            monitor.resume();
        } catch (IOException first) {
            LOG.warn("a machine does not go on after its snapshot, and is told once more: {}", first.getMessage());
            try {
                if (monitor.run() != Monitor.Run.RUNNING) {
                    monitor.resume();
                }
            } catch (IOException second) {
                second.addSuppressed(first);
                throw new StandsStillException(second);
            }
        }
    }

    private void makeFolder(Path folder) throws IOException {
        Files.createDirectories(root);
        Launch.delete(folder);
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** The files of a fork are not synced, so that they mean nothing when the host has been started over. */
    private String boundTo(String hypervisor, boolean kept) throws InterruptedException, IOException {
        Hypervisor found = hypervisors.find(hypervisor);
        if (found == null) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE, "the hypervisor %s is not there".formatted(hypervisor));
        }
        return found.likeness() + ", image " + images.identity() + (kept ? "" : ", boot " + Processes.bootId());
    }

    /**
     * What a machine is to be made from.
     *
     * @throws ProblemException where it cannot be restored here, with the reason
     */
    Template template(long id) throws InterruptedException, IOException {
        SnapshotRow row = book.find(id)
                .filter(SnapshotRow::whole)
                .orElseThrow(() -> new ProblemException(
                        ProblemException.Kind.CONFLICT, "the snapshot it was to be made from is gone"));
        check(row);
        return new Template(row, folder(id));
    }

    private void check(SnapshotRow row) throws InterruptedException, IOException {
        String here = boundTo(row.hypervisor(), row.kept());
        if (!here.equals(row.boundTo())) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "snapshot %s can be restored under '%s' only; here is '%s'"
                            .formatted(row.name(), row.boundTo(), here));
        }
        String fault;
        try {
            fault = sound.fault(row, folder(row.id()));
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE,
                    "snapshot %s cannot be restored now: %s".formatted(row.name(), e.getMessage()));
        }
        if (!fault.isEmpty()) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "snapshot %s cannot be restored: %s; delete it".formatted(row.name(), fault));
        }
    }

    /** Removes one, row first. */
    void remove(SnapshotRow row) throws InterruptedException, IOException {
        book.delete(row);
        sound.forget(row);
        Launch.delete(folder(row.id()));
    }

    private void discard(SnapshotRow row) throws InterruptedException {
        held.remove(row.id());
        try {
            remove(row);
        } catch (IOException | RuntimeException e) {
            LOG.warn("snapshot {} was not finished, and what there is of it stays until the next start", row.name(), e);
        }
    }

    /** What is to be made of a template has its rows. */
    void released(SnapshotRow template) throws InterruptedException {
        held.remove(template.id());
        sweep();
    }

    /** Removes the templates that nothing is made of any more. */
    void sweep() throws InterruptedException {
        Set<Long> wanted =
                vms.list().stream().map(VmRow::origin).filter(Objects::nonNull).collect(Collectors.toSet());
        for (SnapshotRow row : book.list()) {
            if (!row.kept() && row.whole() && !held.contains(row.id()) && !wanted.contains(row.id())) {
                discard(row);
            }
        }
    }

    /** Removes what an earlier server did not finish, and looks at what it did. */
    void recover() throws InterruptedException {
        for (SnapshotRow row : book.list()) {
            if (!row.whole()) {
                LOG.warn("snapshot {} was not finished when its server ended: it is removed", row.name());
                discard(row);
            }
        }
        sweep();
        Set<String> known =
                book.list().stream().map(row -> Long.toString(row.id())).collect(Collectors.toSet());
        for (Path folder : Launch.numbered(root)) {
            if (!known.contains(folder.getFileName().toString())) {
                try {
                    Launch.delete(folder);
                } catch (IOException e) {
                    LOG.warn("{} belongs to no snapshot, and stays until the next start: {}", folder, e.toString());
                }
            }
        }
        for (SnapshotRow row : book.list()) {
            String fault = glance(row);
            if (!fault.isEmpty()) {
                LOG.warn("snapshot {} cannot be restored: {}", row.name(), fault);
            }
        }
    }

    private String glance(SnapshotRow row) {
        try {
            return SnapshotFiles.glance(
                    folder(row.id()), SnapshotBook.digests(row).keySet(), row.bytes());
        } catch (IOException | RuntimeException e) {
            return "its files cannot be looked at: " + e;
        }
    }
}
