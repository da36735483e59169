package dev.viber.itest.floors;

import dev.viber.api.task.TaskLifecycle;
import dev.viber.contracts.Diagram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The picture in the documentation is what the code says. */
class DiagramTest {
    @Test
    void task() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "task", TaskLifecycle.TABLE);
    }
}
