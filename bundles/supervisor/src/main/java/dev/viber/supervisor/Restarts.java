package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings up again what crashed, where that was asked for, with a pause that grows while it does not come up. */
final class Restarts {
    private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);

    private final Lives lives;
    private final VmBook book;
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    Restarts(Lives lives, VmBook book) {
        this.lives = lives;
        this.book = book;
    }

    /** Its next crash is the first. */
    void forget(String name) {
        failures.remove(name);
    }

    /** A VM has crashed, or did so under an earlier server, which left before its pause was over. */
    void crashed(VmRow row) {
        if (row.phase() == Phase.CRASHED && VmEdit.shown(row).spec().restart() == VmSpec.Restart.ON_FAILURE) {
            again(row);
        }
    }

    private void again(VmRow row) {
        Duration pause = VmSpec.Restart.pause(failures.merge(row.name(), 1, Integer::sum));
        LOG.info(
                "vm {} is {} and comes up again in {} s",
                row.name(),
                row.phase().word(),
                pause.toSeconds());
        Thread.ofVirtual().name("vm-restart-" + row.name()).start(() -> {
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            lives.lanes().aside("restart", row.name(), () -> up(row));
        });
    }

    /** The caller holds the lane. */
    private boolean up(VmRow row) throws InterruptedException {
        if (!isStill(row, row.phase())) {
            return false; // somebody was sooner
        }
        try {
            lives.up(row.name());
        } catch (ProblemException e) {
            if (!isStill(row, Phase.FAILED)) {
                throw e;
            }
            LOG.warn("vm {} did not come up again: {}", row.name(), e.getMessage());
            again(book.get(row.name()));
        }
        return true;
    }

    private boolean isStill(VmRow row, Phase phase) {
        return book.find(row.name())
                .filter(now -> now.id() == row.id() && now.phase() == phase)
                .isPresent();
    }
}
