package dev.viber.itest.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Every call of an agent that runs beside the test. */
class AgentIT extends AgentCalls {
    private static Pages pages;
    private static Agent agent;

    AgentIT() {
        super(agent, pages);
    }

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        pages = new Pages();
        // As much memory as in a guest.
        agent = Agent.start(folder, Map.of("JDK_JAVA_OPTIONS", "-Xmx192m"));
    }

    @AfterAll
    static void stop() throws IOException {
        agent.close();
        pages.close();
    }
}
