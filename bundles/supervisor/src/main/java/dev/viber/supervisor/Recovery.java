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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server does about VMs when it starts: each process that is still the one its row names is adopted, and what
 * belongs to no row (processes, taps, folders) is removed. A row says what was under way, and it is brought to its end.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Lives lives;
    private final Adoption adoption;
    private final VmBook book;
    private final Gate<Network> network;

    Recovery(Lives lives, Adoption adoption, VmBook book, Gate<Network> network) {
        this.lives = lives;
        this.adoption = adoption;
        this.book = book;
        this.network = network;
    }

    /** Fails only before it has begun, where the rows cannot be read. */
    void run() throws InterruptedException {
        List<VmRow> rows = book.list();
        if (lives.isClosed() || (rows.isEmpty() && !Files.exists(lives.launch().run()))) {
            return; // nothing was ever started here, and the network need not be touched
        }
        Set<String> alive = new HashSet<>();
        for (VmRow row : rows) {
            if (isAlive(row)) {
                alive.add(row.name());
            }
        }
        removeStrangers(rows);
        try {
            network.call(present -> present.retain(rows.stream()
                    .filter(row -> alive.contains(row.name()))
                    .map(row -> new Lease(row.ipAddress()))
                    .toList()));
        } catch (IOException | RuntimeException e) {
            LOG.warn("taps that belong to no vm could not be looked for: {}", e.getMessage());
        }
        for (VmRow row : rows) {
            // Each by itself: one that takes long keeps nobody waiting.
            lives.lanes().aside("recovery", row.name(), () -> {
                settle(row, alive.contains(row.name()));
                return true;
            });
        }
    }

    /** Whether its process is alive, which is taken then; what cannot be done for one VM keeps no other from its own. */
    private boolean isAlive(VmRow row) throws InterruptedException {
        Processes.Identity process = VmEdit.processOf(row);
        boolean alive = process != null;
        try {
            alive = process != null && Processes.isAlive(process);
            if (process != null && alive) {
                adoption.take(row, process);
                LOG.info("vm {} was found again, process {}", row.name(), process.pid());
            } else {
                killStrays(row);
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("the process of vm {} could not be taken up again", row.name(), e);
        }
        return alive;
    }

    private void settle(VmRow before, boolean isAlive) throws InterruptedException, IOException {
        VmRow row = book.find(before.name()).orElse(null);
        // Somebody may have asked for something sooner: then it is in their hands.
        if (row == null || row.id() != before.id() || row.phase() != before.phase()) {
            return;
        }
        if (isAlive) {
            adoption.goOn(row);
        } else if (row.pid() == null || row.pid().equals(before.pid())) {
            withoutProcess(row);
        }
    }

    private void withoutProcess(VmRow row) throws InterruptedException, IOException {
        switch (row.phase()) {
            case PENDING -> lives.up(row.name());
            case STARTING -> lives.begin(row);
            case RUNNING, READY, PAUSED, STANDBY ->
                lives.died(row, Trigger.CRASHED, "nobody saw it, as the server was away");
            case STOPPING -> lives.down(row);
            case DELETING -> lives.away(row);
            case CRASHED -> lives.restarts().crashed(row);
            default -> LOG.debug("vm {} is {}", row.name(), row.phase());
        }
    }

    /** A process that was started, and the server killed before it could note whose it is. */
    private void killStrays(VmRow row) throws IOException, InterruptedException {
        for (long pid : Processes.naming(lives.launch().folder(row))) {
            LOG.warn("process {} was started for vm {} and not noted: it is ended", pid, row.name());
            lives.launch().end(pid);
        }
    }

    private void removeStrangers(List<VmRow> rows) throws InterruptedException {
        Set<String> known = rows.stream().map(row -> Long.toString(row.id())).collect(Collectors.toSet());
        for (Path folder : Launch.numbered(lives.launch().run())) {
            if (!known.contains(folder.getFileName().toString())) {
                try {
                    removeStranger(folder);
                } catch (IOException | RuntimeException e) {
                    LOG.warn("{} belongs to no vm, and stays until the next start: {}", folder, e.toString());
                }
            }
        }
    }

    private void removeStranger(Path folder) throws IOException, InterruptedException {
        for (long pid : Processes.naming(folder)) {
            LOG.warn("process {} belongs to no vm: it is ended", pid);
            lives.launch().end(pid);
        }
        Launch.delete(folder);
    }
}
