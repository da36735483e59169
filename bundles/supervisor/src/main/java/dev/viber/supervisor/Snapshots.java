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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    /** What is wrong with the files of each; nothing where that is empty. Looked at once in a server's life. */
    private final Map<Long, CompletableFuture<String>> faults = new ConcurrentHashMap<>();

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
            List<String> files = write(monitor, one, folder);
            Map<String, String> digests = kept ? SnapshotFiles.settle(folder, files) : Map.of();
            SnapshotRow whole = book.whole(begun, digests, SnapshotFiles.bytes(folder));
            faults.put(whole.id(), CompletableFuture.completedFuture(""));
            return whole;
        } catch (IOException | RuntimeException | InterruptedException e) {
            discard(begun);
            throw e;
        }
    }

    private static List<String> write(Monitor monitor, Running one, Path folder)
            throws IOException, InterruptedException {
        boolean ran = monitor.run() == Monitor.Run.RUNNING;
        if (ran) {
            monitor.pause();
        }
        try {
            return monitor.snapshot(one.process.pid(), folder);
        } finally {
            if (ran) {
                monitor.resume();
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

    /** Refuses a snapshot that cannot be restored here, and now. */
    void check(SnapshotRow row) throws InterruptedException, IOException {
        String here = boundTo(row.hypervisor(), row.kept());
        if (!here.equals(row.boundTo())) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "snapshot %s can be restored under '%s' only; here is '%s'"
                            .formatted(row.name(), row.boundTo(), here));
        }
        String fault = faults.computeIfAbsent(row.id(), id -> look(row)).join();
        if (!fault.isEmpty()) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "snapshot %s cannot be restored: %s; delete it".formatted(row.name(), fault));
        }
    }

    private CompletableFuture<String> look(SnapshotRow row) {
        CompletableFuture<String> fault = new CompletableFuture<>();
        Thread.ofVirtual().name("snapshot-check-" + row.name()).start(() -> {
            try {
                fault.complete(SnapshotFiles.fault(folder(row.id()), SnapshotBook.digests(row)));
            } catch (IOException | RuntimeException e) {
                fault.complete("its files cannot be read: " + e.getMessage());
            }
        });
        return fault;
    }

    /** Removes one, row first. */
    void remove(SnapshotRow row) throws InterruptedException, IOException {
        book.delete(row);
        faults.remove(row.id());
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
    void recover() throws InterruptedException, IOException {
        for (SnapshotRow row : book.list()) {
            if (!row.whole()) {
                LOG.warn("snapshot {} was not finished when its server ended: it is removed", row.name());
                discard(row);
            }
        }
        sweep();
        Set<String> known =
                book.list().stream().map(row -> Long.toString(row.id())).collect(Collectors.toSet());
        if (Files.exists(root)) {
            try (Stream<Path> folders = Files.list(root)) {
                for (Path folder : folders.toList()) {
                    if (!known.contains(folder.getFileName().toString())) {
                        Launch.delete(folder);
                    }
                }
            }
        }
        book.list().forEach(row -> faults.computeIfAbsent(row.id(), id -> look(row)));
    }
}
