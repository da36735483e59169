package dev.viber.agent;

import dev.viber.contracts.Diagram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The pictures in the documentation are what the code says. */
class DiagramTest {
    @Test
    void run() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "run", RunLifecycle.TABLE);
    }

    @Test
    void step() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "step", StepLifecycle.TABLE);
    }
}
