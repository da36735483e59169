package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.SnapshotRow;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Snapshot;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle.Trigger;
import dev.viber.api.vm.VmSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The desk where VMs are kept and multiplied. */
final class SnapshotKeeper implements SnapshotDesk {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotKeeper.class);
    private static final int MOST_FORKS = 100;

    private final Lives lives;
    private final Snapshots snapshots;
    private final SnapshotBook book;
    private final VmBook vms;
    private final PromiseFactory promises;

    SnapshotKeeper(Lives lives, Snapshots snapshots, SnapshotBook book, VmBook vms, PromiseFactory promises) {
        this.lives = lives;
        this.snapshots = snapshots;
        this.book = book;
        this.vms = vms;
        this.promises = promises;
    }

    @Override
    public Promise<Snapshot> snapshot(String vm, String name) {
        wellFormed(name);
        return begin("snapshot " + vm, () -> SnapshotBook.shown(keep(vm, name, true)));
    }

    private SnapshotRow keep(String vm, String name, boolean kept) throws InterruptedException {
        Object visit = new Object();
        try {
            if (lives.stillness().enter(vm, visit)) {
                lives.stillness().wake(vm); // a guest gets ready to be kept, for which it has to run
            }
            return keepAwake(vm, name, kept);
        } finally {
            lives.stillness().leave(vm, visit);
        }
    }

    private SnapshotRow keepAwake(String vm, String name, boolean kept) throws InterruptedException {
        return lives.lanes().in(vm, () -> {
            VmRow row = vms.get(vm);
            Running one = lives.alive(row);
            if (row.origin() != null) {
                throw new ProblemException(
                        ProblemException.Kind.CONFLICT,
                        "vm %s has yet to become what it was made from: wait until it is ready".formatted(vm));
            }
            if (row.phase() == Phase.READY) {
                Guests.prepare(vm, one);
            }
            try {
                SnapshotRow snapshot = snapshots.keep(row, one, name, kept);
                if (row.phase() == Phase.READY) {
                    Guests.setClock(vm, one); // it stood still while it was written
                }
                return snapshot;
            } catch (Snapshots.StandsStillException e) {
                // A row that says ready would be believed; a person can have it go on from here, or end it.
                lives.moved(vms.move(vm, Trigger.PAUSE, edit -> edit.error(e.getMessage())));
                throw e;
            }
        });
    }

    @Override
    public List<Snapshot> snapshots() {
        return book.list().stream()
                .filter(row -> row.kept() && row.whole())
                .map(SnapshotBook::shown)
                .toList();
    }

    @Override
    public Optional<Snapshot> findSnapshot(String name) {
        return book.find(name).filter(SnapshotRow::whole).map(SnapshotBook::shown);
    }

    @Override
    public Promise<Snapshot> deleteSnapshot(String name) {
        return begin("delete snapshot " + name, () -> {
            SnapshotRow row = book.get(name);
            if (!row.whole()) {
                throw new ProblemException(ProblemException.Kind.CONFLICT, "snapshot %s is being made".formatted(name));
            }
            snapshots.remove(row);
            return SnapshotBook.shown(row);
        });
    }

    /** Makes a VM: it boots, or begins as the snapshot it names. */
    VmDesk.Made create(VmSpec spec, @Nullable String key) throws InterruptedException, IOException {
        String name = spec.snapshot();
        if (name == null) {
            return lives.create(spec, key, null);
        }
        // Before there is a row: who asks for what cannot be restored is told so, and nothing else happens.
        Snapshots.Template template = snapshots.template(book.get(name).id());
        return lives.create(clone(template.row(), spec.name(), spec, name), key, template);
    }

    /** A machine's size and kernel are the snapshot's; the rest is as it is wanted. */
    private static VmSpec clone(SnapshotRow row, String name, VmSpec wanted, @Nullable String snapshot) {
        VmSpec was = SnapshotBook.spec(row);
        return new VmSpec(
                name,
                was.cpuCores(),
                was.memoryMb(),
                was.kernelCmdline(),
                row.hypervisor(),
                wanted.restart(),
                wanted.egress(),
                snapshot,
                wanted.standby());
    }

    @Override
    public Promise<List<Vm>> fork(String vm, List<String> names) {
        if (names.isEmpty() || names.size() > MOST_FORKS || new HashSet<>(names).size() < names.size()) {
            throw new ProblemException(
                    ProblemException.Kind.INVALID,
                    "names are %d; wanted 1 to %d, each once".formatted(names.size(), MOST_FORKS));
        }
        names.forEach(SnapshotKeeper::wellFormed);
        return begin("fork " + vm, () -> forks(vm, names));
    }

    private List<Vm> forks(String vm, List<String> names) throws InterruptedException {
        for (String name : names) {
            if (vms.find(name).isPresent()) {
                throw new ProblemException(
                        ProblemException.Kind.CONFLICT, "there is a VM named %s already".formatted(name));
            }
        }
        // No name that people could give: it is well-formed nowhere.
        SnapshotRow template = keep(vm, "fork of %s %s".formatted(vm, UUID.randomUUID()), false);
        try {
            VmSpec was = SnapshotBook.spec(template);
            lives.prepare(
                    names.stream().map(name -> clone(template, name, was, null)).toList(), template.id());
            return up(names);
        } finally {
            snapshots.released(template);
        }
    }

    /** All at once; where one does not come up, none is left. */
    private List<Vm> up(List<String> names) throws InterruptedException {
        List<Future<Vm>> begun = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String name : names) {
                begun.add(each.submit(() -> lives.start(name)));
            }
        }
        List<Vm> up = new ArrayList<>();
        ProblemException problem = null;
        for (Future<Vm> one : begun) {
            try {
                up.add(one.get());
            } catch (ExecutionException e) {
                problem = e.getCause() instanceof ProblemException found
                        ? found
                        : new ProblemException(ProblemException.Kind.UNAVAILABLE, String.valueOf(e.getCause()));
            }
        }
        if (problem == null) {
            return up;
        }
        for (String name : names) {
            try {
                lives.delete(name);
            } catch (ProblemException e) {
                LOG.warn("fork {} came to nothing, and stays: {}", name, e.getMessage());
            }
        }
        throw problem;
    }

    private static void wellFormed(String name) {
        if (!name.matches(VmSpec.NAME_PATTERN)) {
            throw new ProblemException(
                    ProblemException.Kind.INVALID, "name is '%s'; wanted %s".formatted(name, VmSpec.NAME_WORDS));
        }
    }

    private <T> Promise<T> begin(String what, Callable<T> work) {
        return lives.lanes().begin(promises, what, work);
    }
}
