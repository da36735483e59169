package dev.viber.controller;

import dev.viber.contracts.Diagram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The picture in the documentation is what the code says. */
class DiagramTest {
    @Test
    void connection() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "session", SessionLifecycle.TABLE);
    }
}
