package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which server and which token a command takes. */
class DiscoveryTest {
    @TempDir
    Path home;

    @Test
    void theServerIsFoundInTheOrderTold() throws IOException {
        Map<String, String> environment = new HashMap<>();
        Discovery discovery = new Discovery(environment, home, null);
        assertThat(discovery.server(null)).isEqualTo(URI.create("http://127.0.0.1:7777"));

        Files.createDirectories(home.resolve(".viper"));
        Files.writeString(
                home.resolve(".viper/server.json"), "{\"ready\":true,\"api\":\"http://127.0.0.1:4444/api/v1\"}");
        assertThat(discovery.server(null)).isEqualTo(URI.create("http://127.0.0.1:4444"));

        environment.put("VIPER_API_BASE", "http://base:1/api/v1/");
        assertThat(discovery.server(null)).isEqualTo(URI.create("http://base:1"));

        environment.put("VIBER_SERVER", "wss://gateway:2/vibers/ws");
        assertThat(discovery.server(null)).isEqualTo(URI.create("https://gateway:2"));

        assertThat(discovery.server("ws://asked:3")).isEqualTo(URI.create("http://asked:3"));
        assertThat(discovery.server("asked:3")).isEqualTo(URI.create("http://asked:3"));
        assertThat(discovery.server("http://proxy/viber/api/v1")).isEqualTo(URI.create("http://proxy/viber"));
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        Discovery discovery = new Discovery(Map.of(), home, null);
        assertThatThrownBy(() -> discovery.server("ftp://somewhere"))
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(Exit.USAGE))
                .hasMessageContaining("ftp://somewhere");
    }

    @Test
    void theTokenIsTheEnvironmentsElseTheOwners() throws IOException {
        Path state = home.resolve("state");
        Files.createDirectories(state);
        Map<String, String> environment = new HashMap<>();
        Discovery discovery = new Discovery(environment, home, state);
        assertThat(discovery.token()).isNull();
        Files.writeString(state.resolve("owner.token"), "owners\n");
        assertThat(discovery.token()).isEqualTo("owners");
        environment.put("VIBER_TOKEN", "mine");
        assertThat(discovery.token()).isEqualTo("mine");
    }

    @Test
    void socketsAreThoseOfBothStateFoldersUnlessOneIsNamed() {
        assertThat(new Discovery(Map.of(), home, null).sockets())
                .containsExactly(home.resolve(".viber/run/viber.sock"), home.resolve(".viper/run/viber.sock"));
        assertThat(new Discovery(Map.of("XDG_STATE_HOME", home + "/x"), home, null).sockets())
                .containsExactly(home.resolve("x/viber/run/viber.sock"), home.resolve("x/viper/run/viber.sock"));
        assertThat(new Discovery(Map.of(), home, home.resolve("s")).sockets())
                .containsExactly(home.resolve("s/run/viber.sock"));
    }
}
