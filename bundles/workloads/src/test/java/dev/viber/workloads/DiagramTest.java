package dev.viber.workloads;

import dev.viber.api.workload.ReplicaLifecycle;
import dev.viber.contracts.Diagram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The picture in the documentation is what the code says. */
class DiagramTest {
    @Test
    void replica() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "replica", ReplicaLifecycle.TABLE);
    }
}
