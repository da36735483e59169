package dev.viber.plugins;

import dev.viber.api.plugin.PluginLifecycle;
import dev.viber.contracts.Diagram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The picture in the documentation is what the code says. */
class DiagramTest {
    @Test
    void plugin() throws IOException {
        Diagram.check(Path.of("").toAbsolutePath(), "plugin", PluginLifecycle.TABLE);
    }
}
