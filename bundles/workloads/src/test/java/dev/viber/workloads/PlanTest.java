package dev.viber.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle;
import dev.viber.api.vm.VmSpec;
import dev.viber.api.workload.ReplicaLifecycle.Phase;
import dev.viber.api.workload.ReplicaLifecycle.Trigger;
import dev.viber.api.workload.Workload.Restart;
import dev.viber.workloads.Plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

    private static WorkloadRow wants(int replicas) {
        return new WorkloadRow(1, "web", false, "{}", replicas, Restart.ALWAYS, NOW, NOW);
    }

    private static ReplicaRow replica(int number, Phase phase, int failures) {
        return new ReplicaRow(1, number, phase, (long) number, 0, failures, null, null);
    }

    private static Map<Long, Vm> crashed(long id, Duration afterReady) {
        VmSpec spec = new VmSpec("web-" + id, 1, 64, null, null, VmSpec.Restart.NEVER, null, null, null);
        return Map.of(
                id,
                new Vm(
                        id,
                        spec,
                        VmLifecycle.Phase.CRASHED,
                        null,
                        new Lease("10.0.0.9"),
                        null,
                        null,
                        null,
                        "killed",
                        Map.of(),
                        NOW,
                        NOW.plus(afterReady),
                        NOW,
                        NOW));
    }

    @Test
    void onlyWhatCrashesSoonFailsInARow() {
        List<ReplicaRow> rows = List.of(replica(1, Phase.UP, 4));
        assertThat(Plan.of(wants(1), rows, crashed(1, Duration.ofSeconds(59)), Set.of())
                        .steps())
                .containsExactly(new Step(1, Trigger.LOST, "killed", 5));
        assertThat(Plan.of(wants(1), rows, crashed(1, Plan.WELL), Set.of()).steps())
                .containsExactly(new Step(1, Trigger.LOST, "killed", 1));
        assertThat(Plan.of(wants(1), rows, Map.of(), Set.of()).steps())
                .containsExactly(new Step(1, Trigger.LOST, "its VM was deleted", 0));
    }

    @Test
    void thoseOfTheHighestNumbersLeaveAndComeBackWhenTheyAreGone() {
        List<ReplicaRow> rows =
                List.of(replica(1, Phase.WANTED, 0), replica(2, Phase.LEAVING, 0), replica(3, Phase.LOST, 0));
        Plan down = Plan.of(wants(1), rows, Map.of(), Set.of());
        assertThat(down.steps()).containsExactly(new Step(3, Trigger.LEAVE, null, 0));
        assertThat(Plan.of(wants(4), rows, Map.of(), Set.of()).added()).containsExactly(4);
    }

    @Test
    void whatSomethingIsDoneAboutIsLeftAlone() {
        List<ReplicaRow> rows = List.of(replica(1, Phase.UP, 0), replica(2, Phase.UP, 0));
        assertThat(Plan.of(wants(0), rows, Map.of(), Set.of(1, 2)).isEmpty()).isTrue();
    }
}
