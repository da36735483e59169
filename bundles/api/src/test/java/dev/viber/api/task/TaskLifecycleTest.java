package dev.viber.api.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.lifecycle.ImpossibleTransitionException;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Status;
import dev.viber.api.task.TaskLifecycle.Trigger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskLifecycleTest {
    @Test
    void everyPhaseIsReachedFromTheFirstAndLeadsToAnEnd() {
        assertThat(reachable(Phase.QUEUED)).isEqualTo(EnumSet.allOf(Phase.class));
        for (Phase phase : Phase.values()) {
            assertThat(reachable(phase)).as("from %s", phase).anyMatch(Phase::isEnded);
        }
    }

    @Test
    void aTaskThatEndedChangesOnlyByRetryOrBurial() {
        for (Phase phase : Phase.values()) {
            for (Trigger trigger : Trigger.values()) {
                if (phase.isEnded() && TaskLifecycle.TABLE.find(phase, trigger).isPresent()) {
                    assertThat(trigger).isIn(Trigger.RETRY, Trigger.PRUNE);
                }
            }
        }
    }

    @Test
    void aStopRequestedCountsAsStopped() {
        assertThat(Phase.STOPPING.status()).isEqualTo(Status.STOPPED);
        assertThat(Phase.WAITING.status()).isEqualTo(Status.RUNNING);
    }

    @Test
    void anImpossibleEventNamesTaskStateEventAndHistory() {
        assertThatThrownBy(() -> TaskLifecycle.TABLE.next(
                        "7f3a", Phase.COMPLETED, Trigger.START, List.of("queued", "started", "completed")))
                .isInstanceOf(ImpossibleTransitionException.class)
                .hasMessage("task 7f3a is COMPLETED, where START is impossible;"
                        + " history: [queued, started, completed]");
    }

    private static Set<Phase> reachable(Phase from) {
        Set<Phase> seen = EnumSet.of(from);
        Deque<Phase> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Phase phase = open.pop();
            for (Trigger trigger : Trigger.values()) {
                TaskLifecycle.TABLE.find(phase, trigger).filter(seen::add).ifPresent(open::push);
            }
        }
        return seen;
    }
}
