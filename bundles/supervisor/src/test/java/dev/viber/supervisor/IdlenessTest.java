package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.vm.VmLifecycle.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdlenessTest {
    private static final Duration STANDBY = Duration.ofSeconds(10);

    /** A timer that was set. */
    private record Alarm(long at, Runnable ring) {}

    private final List<Alarm> alarms = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Object visit = new Object();
    private long now;
    private final Idleness idleness = new Idleness(
            () -> now,
            (time, ring) -> {
                Alarm alarm = new Alarm(now + time.toNanos(), ring);
                alarms.add(alarm);
                return () -> alarms.remove(alarm);
            },
            told::add);

    /** Time goes by, and what is due rings. */
    private void pass(int seconds) {
        long end = now + Duration.ofSeconds(seconds).toNanos();
        while (true) {
            Alarm next = alarms.stream()
                    .filter(alarm -> alarm.at() <= end)
                    .min(java.util.Comparator.comparingLong(Alarm::at))
                    .orElse(null);
            if (next == null) {
                now = end;
                return;
            }
            now = Math.max(now, next.at());
            alarms.remove(next);
            next.ring().run();
        }
    }

    private void ready() {
        idleness.moved("web", Phase.READY, STANDBY);
    }

    @Test
    void oneThatNobodyUsesFallsAsleepAfterItsTime() {
        ready();
        pass(9);
        assertThat(told).isEmpty();
        pass(1);
        assertThat(told).containsExactly("web");
        assertThat(idleness.fallAsleep("web")).isTrue();
        assertThat(idleness.enter("web", visit)).as("has to be woken").isTrue();
    }

    @Test
    void eachUseBeginsTheTimeAnewAndSetsNoOtherTimer() {
        ready();
        for (int i = 0; i < 5; i++) {
            pass(6);
            assertThat(idleness.enter("web", visit)).isFalse();
            idleness.leave("web", visit);
            assertThat(alarms).hasSize(1);
        }
        assertThat(told).isEmpty();
        pass(9);
        assertThat(told).isEmpty();
        pass(1);
        assertThat(told).containsExactly("web");
    }

    @Test
    void oneThatSomebodyIsWithStaysAwakeHoweverLong() {
        ready();
        idleness.enter("web", visit);
        pass(1000);
        assertThat(told).isEmpty();
        assertThat(alarms).as("nothing rings for nothing").isEmpty();
        Object other = new Object();
        idleness.enter("web", other);
        idleness.leave("web", visit);
        idleness.leave("web", visit);
        pass(1000);
        assertThat(told).isEmpty();
        idleness.leave("web", other);
        pass(10);
        assertThat(told).containsExactly("web");
    }

    @Test
    void whoComesBetweenTheTimerAndTheSleepKeepsItAwake() {
        ready();
        pass(10);
        assertThat(idleness.enter("web", visit)).isFalse();
        assertThat(idleness.fallAsleep("web")).isFalse();
        idleness.leave("web", visit);
        pass(10);
        assertThat(told).containsExactly("web", "web");
        assertThat(idleness.fallAsleep("web")).isTrue();
    }

    @Test
    void oneThatWakesHasToBeWaitedForUntilItIsReady() {
        ready();
        pass(10);
        idleness.fallAsleep("web");
        idleness.moved("web", Phase.STANDBY, STANDBY);
        assertThat(idleness.enter("web", visit)).isTrue();
        idleness.moved("web", Phase.RUNNING, STANDBY);
        assertThat(idleness.enter("web", new Object())).isTrue();
        ready();
        assertThat(idleness.enter("web", new Object())).isFalse();
    }

    @Test
    void onlyOneThatIsReadyAndIsToDoSoFallsAsleep() {
        idleness.moved("never", Phase.READY, null);
        ready();
        idleness.moved("web", Phase.PAUSED, STANDBY);
        pass(1000);
        assertThat(told).isEmpty();
        assertThat(alarms).isEmpty();
        assertThat(idleness.fallAsleep("web")).isFalse();
        assertThat(idleness.enter("web", visit)).isFalse();
    }

    @Test
    void oneThatCouldNotFallAsleepTriesAgainAfterItsTime() {
        ready();
        pass(10);
        assertThat(idleness.fallAsleep("web")).isTrue();
        idleness.staysAwake("web");
        assertThat(idleness.enter("web", visit)).isFalse();
        idleness.leave("web", visit);
        pass(10);
        assertThat(told).containsExactly("web", "web");
    }

    @Test
    void visitsToOneThatIsGoneDoNotKeepItsSuccessorAwake() {
        ready();
        idleness.enter("web", visit);
        idleness.moved("web", Phase.DELETED, null);
        ready();
        pass(10);
        assertThat(told).containsExactly("web");
    }

    @Test
    void aServerThatLeavesLeavesNoTimer() {
        ready();
        idleness.close();
        ready();
        assertThat(alarms).isEmpty();
    }
}
