package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.VmLifecycle.Trigger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server does about VMs when it starts: each process that is still the one its row names is adopted, and what
 * belongs to no row (processes, taps, folders) is removed. A row says what was under way, and it is brought to its end.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Lives lives;
    private final VmBook book;
    private final Gate<Network> network;

    Recovery(Lives lives, VmBook book, Gate<Network> network) {
        this.lives = lives;
        this.book = book;
        this.network = network;
    }

    void run() throws InterruptedException, IOException {
        List<VmRow> rows = book.list();
        if (rows.isEmpty() && !Files.exists(lives.launch().run())) {
            return; // nothing was ever started here, and the network need not be touched
        }
        Set<String> alive = new HashSet<>();
        for (VmRow row : rows) {
            Processes.Identity process = VmEdit.processOf(row);
            if (process != null && Processes.isAlive(process)) {
                alive.add(row.name());
            } else {
                killStrays(row);
            }
        }
        removeStrangers(rows);
        network.call(present -> present.retain(rows.stream()
                .filter(row -> alive.contains(row.name()))
                .map(row -> new Lease(row.ipAddress()))
                .toList()));
        for (VmRow row : rows) {
            // Each by itself: one that takes long keeps nobody waiting.
            Thread.ofVirtual()
                    .name("vm-recovery-" + row.name())
                    .start(() -> settle(row.name(), alive.contains(row.name())));
        }
    }

    private void settle(String name, boolean isAlive) {
        try {
            lives.inLane(name, () -> {
                VmRow row = book.get(name);
                Processes.Identity process = VmEdit.processOf(row);
                if (isAlive && process != null) {
                    lives.adopt(row, process);
                    LOG.info("vm {} was found again, process {}", name, process.pid());
                    goOn(row);
                } else {
                    withoutProcess(row);
                }
                return true;
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("vm {} could not be taken up again: {}", name, e.getMessage(), e);
        }
    }

    private void goOn(VmRow row) throws InterruptedException, IOException {
        switch (row.phase()) {
            case STARTING -> lives.letRun(row);
            case STOPPING -> lives.down(row);
            case DELETING -> lives.away(row);
            default -> LOG.debug("vm {} is {}", row.name(), row.phase());
        }
    }

    private void withoutProcess(VmRow row) throws InterruptedException, IOException {
        switch (row.phase()) {
            case PENDING -> lives.up(row.name());
            case STARTING -> lives.begin(row);
            case RUNNING, READY, PAUSED -> lives.died(row, Trigger.CRASHED, "nobody saw it, as the server was away");
            case STOPPING -> lives.down(row);
            case DELETING -> lives.away(row);
            default -> LOG.debug("vm {} is {}", row.name(), row.phase());
        }
    }

    /** A process that was started, and the server killed before it could note whose it is. */
    private void killStrays(VmRow row) throws IOException {
        for (long pid : Processes.naming(lives.launch().folder(row))) {
            LOG.warn("process {} was started for vm {} and not noted: it is ended", pid, row.name());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private void removeStrangers(List<VmRow> rows) throws IOException {
        Path run = lives.launch().run();
        if (!Files.exists(run)) {
            return;
        }
        Set<String> known = rows.stream().map(row -> Long.toString(row.id())).collect(Collectors.toSet());
        try (Stream<Path> folders = Files.list(run)) {
            for (Path folder : folders.toList()) {
                if (!known.contains(folder.getFileName().toString())) {
                    for (long pid : Processes.naming(folder)) {
                        LOG.warn("process {} belongs to no vm: it is ended", pid);
                        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                    }
                    Launch.delete(folder);
                }
            }
        }
    }
}
