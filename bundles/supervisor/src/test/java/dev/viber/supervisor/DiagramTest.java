package dev.viber.supervisor;

import dev.viber.api.vm.VmLifecycle;
import dev.viber.contracts.Diagram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The picture in the documentation is what the code says. */
class DiagramTest {
    @Test
    void vm() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "vm", VmLifecycle.TABLE);
    }
}
