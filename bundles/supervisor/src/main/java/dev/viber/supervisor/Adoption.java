package dev.viber.supervisor;

import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle.Trigger;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes on with machines that somebody else began: an earlier server, or this one under a hypervisor that was replaced. */
final class Adoption {
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
    private static final Duration ASKED = Duration.ofSeconds(10);

    private final Lives lives;
    private final VmBook book;
    private final Hypervisors hypervisors;
    private final Guests guests;
    private final SupervisorSettings settings;
    private final Launch.Ears ears;

    Adoption(
            Lives lives,
            VmBook book,
            Hypervisors hypervisors,
            Guests guests,
            SupervisorSettings settings,
            Launch.Ears ears) {
        this.lives = lives;
        this.book = book;
        this.hypervisors = hypervisors;
        this.guests = guests;
        this.settings = settings;
        this.ears = ears;
    }

    /** A machine of this hypervisor, which has come, is talked to again where nobody talks to it. */
    void reconnect(String hypervisor, String name, Running one) {
        lives.lanes().aside("reconnect", name, () -> {
            VmRow row = book.get(name);
            if (hypervisor.equals(row.hypervisor()) && lives.isCurrent(name, one) && connect(row, one)) {
                guests.listen(row, one);
            }
            return true;
        });
    }

    /** A process of an earlier server is this VM's, before anybody can ask for anything. */
    void take(VmRow row, Processes.Identity process) throws IOException {
        lives.take(row.name(), lives.launch().adopt(process, ears));
    }

    /** Goes on with a VM whose process was taken; the caller holds the lane. */
    void goOn(VmRow row) throws InterruptedException, IOException {
        if (row.phase() == Phase.DELETING) {
            lives.away(row);
            return;
        }
        Running one = lives.process(row.name());
        if (one == null || (row.phase() != Phase.STOPPING && lives.diedBefore(row, one))) {
            return; // and that has been told
        }
        switch (row.phase()) {
            case STARTING -> {
                // One that was to be made from a snapshot is begun anew: nobody knows how far it got.
                if (row.origin() == null && connect(row, one)) {
                    settled(lives.moved(book.move(row.name(), Trigger.LAUNCHED, edit -> {})), one);
                } else {
                    // Killed between its start and its first answer: nobody has seen it run.
                    lives.forget(row.name(), one);
                    one.kill();
                    lives.launch().clear(row);
                    lives.begin(row);
                }
            }
            case STOPPING -> {
                if (connect(row, one)) {
                    guests.listen(row, one);
                }
                lives.down(row);
            }
            default -> {
                if (connect(row, one)) {
                    settled(row, one);
                }
            }
        }
    }

    /** The row is what was promised: a machine that was being paused or resumed is brought to where the row has it. */
    private void settled(VmRow row, Running one) throws IOException, InterruptedException {
        Monitor monitor = one.monitor();
        if (monitor != null) {
            monitor.boot();
        }
        guests.listen(row, one);
        if (monitor != null) {
            boolean stands = monitor.run() == Monitor.Run.PAUSED;
            if (Stillness.isStill(row.phase()) && !stands) {
                monitor.pause();
            } else if (!Stillness.isStill(row.phase()) && stands) {
                monitor.resume();
                if (row.readyAt() != null) {
                    Guests.setClock(row.name(), one);
                }
            }
        }
        if (row.phase() == Phase.RUNNING) {
            guests.expect(row.name(), one, left(row));
        }
    }

    /** How long its guest may take from now on; one that was ready before begins anew. */
    private Duration left(VmRow row) {
        Duration whole = Duration.ofMillis(settings.ready_ms());
        Instant started = row.startedAt();
        if (row.readyAt() != null || started == null) {
            return whole;
        }
        Duration left = whole.minus(Duration.between(started, Instant.now()));
        // A guest that has been ready while nobody listened says so when it is asked.
        return left.compareTo(ASKED) < 0 ? ASKED : left;
    }

    /** Whether it can be talked to from now on. */
    private boolean connect(VmRow row, Running one) throws InterruptedException {
        String name = row.hypervisor();
        String cmdline = row.kernelCmdline();
        Hypervisor hypervisor = name == null ? null : hypervisors.find(name);
        if (hypervisor == null || cmdline == null) {
            LOG.warn("vm {} goes on, and is talked to when its hypervisor '{}' is there", row.name(), name);
            return false;
        }
        one.disconnect();
        try {
            Duration patience = Duration.ofMillis(settings.launch_ms());
            lives.launch().connect(hypervisor, lives.launch().machine(row, cmdline, null), one, ears, patience);
            return true;
        } catch (IOException e) {
            LOG.warn("vm {} goes on, and cannot be talked to: {}", row.name(), e.getMessage());
            return false;
        }
    }
}
