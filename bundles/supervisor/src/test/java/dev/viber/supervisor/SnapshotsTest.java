package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SnapshotsTest {
    private final MachineDouble machine = new MachineDouble();

    @Test
    void aMachineGoesOnAfterItIsWritten() throws Exception {
        assertThat(Snapshots.write(machine, 1, Path.of("folder"))).containsExactly("memory");
        assertThat(machine.done).containsExactly("pause", "snapshot", "resume");
    }

    @Test
    void oneThatStoodStillStaysSo() throws Exception {
        machine.pause();
        machine.done.clear();
        Snapshots.write(machine, 1, Path.of("folder"));
        assertThat(machine.done).containsExactly("snapshot");
    }

    @Test
    void oneThatDoesNotGoOnIsToldOnceMore() throws Exception {
        machine.deaf = 1;
        Snapshots.write(machine, 1, Path.of("folder"));
        assertThat(machine.done).containsExactly("pause", "snapshot", "resume", "resume");
        assertThat(machine.running).isTrue();
    }

    @Test
    void oneThatStandsStillForGoodIsTold() {
        machine.deaf = Integer.MAX_VALUE;
        assertThatThrownBy(() -> Snapshots.write(machine, 1, Path.of("folder")))
                .isInstanceOf(Snapshots.StandsStillException.class)
                .hasMessageContaining("stands still")
                .hasMessageContaining("deaf");
    }

    @Test
    void oneThatCannotBeWrittenGoesOnAndSaysWhy() {
        machine.full = true;
        assertThatThrownBy(() -> Snapshots.write(machine, 1, Path.of("folder")))
                .isInstanceOf(IOException.class)
                .hasMessage("no room");
        assertThat(machine.running).isTrue();
    }
}
