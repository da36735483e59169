package dev.viber.workloads;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.DurableStore;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmSpec;
import dev.viber.api.workload.ReplicaLifecycle;
import dev.viber.api.workload.ReplicaLifecycle.Phase;
import dev.viber.api.workload.ReplicaLifecycle.Trigger;
import dev.viber.api.workload.Workload;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the store knows of workloads: each change is one commit, with its events. */
final class WorkloadBook {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final DurableStore store;

    WorkloadBook(Gate<Store> store) {
        this.store = new DurableStore(store);
    }

    /** A workload with its replicas by number, as they were together. */
    record Seen(WorkloadRow row, List<ReplicaRow> replicas) {
        Workload workload() {
            return WorkloadBook.shown(row);
        }
    }

    static Workload shown(WorkloadRow row) {
        return new Workload(
                row.name(), JSON.readValue(row.template(), Workload.Template.class), row.replicas(), row.restart());
    }

    List<WorkloadRow> list() {
        return store.read(tables -> tables.workloads().list());
    }

    Optional<Seen> find(String name) {
        return store.read(tables -> tables.workloads()
                .find(name)
                .map(row -> new Seen(row, tables.workloads().replicas(row.id()))));
    }

    void create(Workload workload) throws InterruptedException {
        store.write(tables -> {
            if (tables.workloads().find(workload.name()).isPresent()) {
                throw new ProblemException(
                        ProblemException.Kind.CONFLICT,
                        "there is a workload named %s already".formatted(workload.name()));
            }
            Instant now = Instant.now();
            String template = JSON.writeValueAsString(workload.template());
            tables.workloads()
                    .insert(new WorkloadRow(
                            0, workload.name(), false, template, workload.replicas(), workload.restart(), now, now));
            tell(
                    tables,
                    workload.name(),
                    "created",
                    Map.of(
                            "replicas",
                            workload.replicas(),
                            "restart",
                            workload.restart().word()));
            return true;
        });
    }

    /** Changes what is wanted; null leaves it as it is. */
    void change(String name, @Nullable Integer replicas, Workload.@Nullable Restart restart)
            throws InterruptedException {
        store.write(tables -> {
            WorkloadRow was = wanted(tables, name);
            int wanted = replicas == null ? was.replicas() : replicas;
            Workload.Restart policy = restart == null ? was.restart() : restart;
            tables.workloads().update(edited(was, false, wanted, policy));
            if (wanted != was.replicas()) {
                tell(tables, name, "scaled", Map.of("from", was.replicas(), "to", wanted));
            }
            if (policy != was.restart()) {
                tell(tables, name, "changed", Map.of("restart", policy.word()));
            }
            return true;
        });
    }

    /** It is to go, with all its replicas; one that is on its way out already stays so. */
    void leave(String name) throws InterruptedException {
        store.write(tables -> {
            WorkloadRow was = get(tables, name);
            if (!was.isLeaving()) {
                tables.workloads().update(edited(was, true, was.replicas(), was.restart()));
                tell(tables, name, "deleting", Map.of());
            }
            return true;
        });
    }

    /** No replica is left of it, and now no row. */
    void gone(WorkloadRow row) throws InterruptedException {
        store.write(tables -> {
            tables.workloads().delete(row.id());
            tell(tables, row.name(), "deleted", Map.of());
            return true;
        });
    }

    /** Writes a plan down, whole or not at all. */
    void apply(WorkloadRow workload, Plan plan) throws InterruptedException {
        store.write(tables -> {
            for (int number : plan.added()) {
                tables.workloads().put(new ReplicaRow(workload.id(), number, Phase.WANTED, null, 0, 0, null, null));
            }
            for (Plan.Step step : plan.steps()) {
                apply(tables, workload, step);
            }
            return true;
        });
    }

    private static void apply(Tables tables, WorkloadRow workload, Plan.Step step) {
        ReplicaRow was = replica(tables, workload, step.number());
        boolean lost = step.trigger() == Trigger.LOST;
        Instant notBefore =
                lost && step.failures() > 0 ? Instant.now().plus(VmSpec.Restart.pause(step.failures())) : null;
        tables.workloads()
                .put(new ReplicaRow(
                        was.workloadId(),
                        was.number(),
                        next(workload, was, step.trigger()),
                        was.vmId(),
                        was.restarts() + (lost ? 1 : 0),
                        step.failures(),
                        step.reason(),
                        notBefore));
        switch (step.trigger()) {
            case LOST -> tell(tables, workload, step.number(), "replica-lost", step.reason());
            case ENDED -> tell(tables, workload, step.number(), "replica-ended", step.reason());
            case REVIVED -> tell(tables, workload, step.number(), "replica-started", null);
            default -> {} // what follows is told
        }
    }

    /** This VM is the replica from now on. Where the replica has been given up meanwhile, that goes on. */
    void made(WorkloadRow workload, int number, Vm vm) throws InterruptedException {
        store.write(tables -> {
            ReplicaRow was = replica(tables, workload, number);
            Phase next = ReplicaLifecycle.TABLE.find(was.phase(), Trigger.MADE).orElse(was.phase());
            tables.workloads()
                    .put(new ReplicaRow(
                            was.workloadId(),
                            number,
                            next,
                            vm.id(),
                            was.restarts(),
                            was.failures(),
                            was.reason(),
                            null));
            if (next == Phase.UP) {
                tell(tables, workload, number, was.restarts() > 0 ? "replaced" : "replica-started", null);
            }
            return true;
        });
    }

    /** Nothing came of making it: the next attempt waits. */
    void failed(WorkloadRow workload, int number, String why) throws InterruptedException {
        store.write(tables -> {
            ReplicaRow was = replica(tables, workload, number);
            int failures = was.failures() + 1;
            tables.workloads()
                    .put(new ReplicaRow(
                            was.workloadId(),
                            number,
                            was.phase(),
                            was.vmId(),
                            was.restarts(),
                            failures,
                            why,
                            Instant.now().plus(VmSpec.Restart.pause(failures))));
            tell(tables, workload, number, "replica-failed", why);
            return true;
        });
    }

    /** Nothing is left of the VM of a replica that was lost, or that leaves. */
    void cleared(WorkloadRow workload, int number) throws InterruptedException {
        store.write(tables -> {
            ReplicaRow was = replica(tables, workload, number);
            if (was.phase() == Phase.LEAVING) {
                tables.workloads().delete(workload.id(), number);
                tell(tables, workload, number, "replica-removed", null);
            } else {
                tables.workloads()
                        .put(new ReplicaRow(
                                was.workloadId(),
                                number,
                                next(workload, was, Trigger.CLEARED),
                                null,
                                was.restarts(),
                                was.failures(),
                                was.reason(),
                                was.notBefore()));
            }
            return true;
        });
    }

    private static Phase next(WorkloadRow workload, ReplicaRow replica, Trigger trigger) {
        return ReplicaLifecycle.TABLE.next(
                workload.name() + "-" + replica.number(), replica.phase(), trigger, List.of());
    }

    private static WorkloadRow edited(WorkloadRow was, boolean isLeaving, int replicas, Workload.Restart restart) {
        return new WorkloadRow(
                was.id(), was.name(), isLeaving, was.template(), replicas, restart, was.createdAt(), Instant.now());
    }

    private static WorkloadRow get(Tables tables, String name) {
        return tables.workloads().find(name).orElseThrow(() -> ProblemException.notFound("workload", name));
    }

    private static WorkloadRow wanted(Tables tables, String name) {
        WorkloadRow row = get(tables, name);
        if (row.isLeaving()) {
            throw new ProblemException(ProblemException.Kind.CONFLICT, "workload %s is being deleted".formatted(name));
        }
        return row;
    }

    private static ReplicaRow replica(Tables tables, WorkloadRow workload, int number) {
        return tables.workloads().replicas(workload.id()).stream()
                .filter(row -> row.number() == number)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException("workload %s has no replica %d".formatted(workload.name(), number)));
    }

    private static void tell(Tables tables, WorkloadRow workload, int number, String kind, @Nullable String message) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("replica", number);
        data.put("vm", shown(workload).vm(number));
        if (message != null) {
            data.put("message", message);
        }
        tell(tables, workload.name(), kind, data);
    }

    private static void tell(Tables tables, String workload, String kind, Map<String, ?> more) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", workload);
        data.putAll(more);
        tables.journal()
                .append(
                        Workload.TOPIC + workload,
                        List.of(new JournalEvent(kind, System.currentTimeMillis(), JSON.writeValueAsString(data))));
    }
}
