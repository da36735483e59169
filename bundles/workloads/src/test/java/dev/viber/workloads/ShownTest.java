package dev.viber.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.workload.ReplicaLifecycle.Phase;
import dev.viber.api.workload.Workload.Restart;
import dev.viber.workloads.WorkloadBook.Seen;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShownTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

    private static Seen seen(int wanted, ReplicaRow... replicas) {
        return new Seen(new WorkloadRow(1, "web", false, "{}", wanted, Restart.ALWAYS, NOW, NOW), List.of(replicas));
    }

    private static ReplicaRow replica(int number, Phase phase, int failures) {
        return new ReplicaRow(1, number, phase, (long) number, 0, failures, "killed", null);
    }

    @Test
    void whatFailsAgainAndAgainOrHasEndedIsNotWaitedFor() {
        assertThat(Shown.hopeless(seen(2, replica(1, Phase.UP, 3), replica(2, Phase.WANTED, 2))))
                .isNull();
        assertThat(Shown.hopeless(seen(2, replica(1, Phase.UP, 0), replica(2, Phase.LOST, 3))))
                .isEqualTo("replica 2 has failed, 3 in a row: killed");
        assertThat(Shown.hopeless(seen(1, replica(1, Phase.ENDED, 0)))).isEqualTo("replica 1 has ended: killed");
    }

    @Test
    void whatGoesIsNothingThatIsWaitedFor() {
        ReplicaRow well = replica(1, Phase.UP, 0);
        assertThat(Shown.hopeless(seen(1, well, replica(2, Phase.LEAVING, 3)))).isNull();
        assertThat(Shown.hopeless(seen(2, well, replica(2, Phase.LEAVING, 3))))
                .as("it leaves, to be made anew")
                .isNull();
        // What is under way with them comes to its end before they leave.
        assertThat(Shown.hopeless(seen(1, well, replica(2, Phase.WANTED, 3), replica(3, Phase.ENDED, 0))))
                .isNull();
    }
}
