package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The line of progress is for people at a terminal, and gone at the end. */
class ProgressTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void noTerminal() {
        System.clearProperty(Progress.TERMINAL);
    }

    private Output output(boolean json, boolean quiet) {
        return new Output(new PrintWriter(out), new PrintWriter(err), json, quiet);
    }

    private void copy(Output output) throws IOException {
        byte[] bytes = new byte[3 << 20];
        try (Progress progress = Progress.ofBytes(output, "a.jar", bytes.length);
                OutputStream to = progress.counting(new ByteArrayOutputStream())) {
            to.write(bytes, 0, bytes.length / 2);
            to.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
        }
    }

    @Test
    void onATerminalOneLineIsWrittenAnewAndTakenAway() throws IOException {
        System.setProperty(Progress.TERMINAL, "true");
        copy(output(false, false));
        assertThat(err.toString())
                .startsWith("\r\u001b[K")
                .contains("a.jar", "100%", "3/3 MiB")
                .endsWith("\r\u001b[K")
                .doesNotContain("\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void elsewhereAndForScriptsThereIsNone() throws IOException {
        copy(output(false, false));
        System.setProperty(Progress.TERMINAL, "true");
        copy(output(true, false));
        copy(output(false, true));
        assertThat(err.toString() + out).isEmpty();
    }

    @Test
    void stepsOfATaskAreCountedOnce() {
        System.setProperty(Progress.TERMINAL, "true");
        Map<String, Object> done =
                Map.of("kind", "progress", "event", Map.of("kind", "step", "step", "find", "state", "completed"));
        try (Progress progress = Progress.ofSteps(output(false, false), "t1", -1)) {
            TaskWaiting waiting = new TaskWaiting(progress);
            waiting.take(Map.of(
                    "kind", "progress", "event", Map.of("kind", "plan", "steps", java.util.List.of("find", "tell"))));
            waiting.take(done);
            waiting.take(done);
        }
        assertThat(err.toString()).contains("1/2", "find");
    }
}
