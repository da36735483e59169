package dev.viber.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** What is said to QEMU over a snapshot, with one that knows of migrations what QEMU 7.2 does. */
@Timeout(30)
class QemuSnapshotTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder = Path.of("");

    private final QemuSnapshot.Migration migration = new QemuSnapshot.Migration();
    private final long pid = ProcessHandle.current().pid(); // whose memory is no file, as a clone's
    private ServerSocketChannel listener;
    private Qmp qmp;
    private String status = "paused";
    /** Whether it dies over a migration. */
    private boolean dies;

    @BeforeEach
    void open() throws Exception {
        Path socket = folder.resolve("qmp.sock");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::serve);
        qmp = Qmp.connect(socket, PATIENCE, PATIENCE, new Qmp.Events() {
            @Override
            public void event(String name, JsonNode data) {
                migration.told(data.path("status").asString(""));
            }

            @Override
            public void ended() {
                migration.told("failed");
            }
        });
    }

    @AfterEach
    void close() throws Exception {
        qmp.close();
        listener.close();
    }

    private void serve() {
        try (SocketChannel peer = listener.accept()) {
            say(peer, Map.of("QMP", Map.of()));
            MappingIterator<JsonNode> messages =
                    JSON.readerFor(JsonNode.class).readValues(Channels.newInputStream(peer));
            while (messages.hasNextValue()) {
                JsonNode message = messages.nextValue();
                String command = message.path("execute").asString("");
                if (command.equals("migrate") && dies) {
                    return;
                }
                String refused = refused(command);
                long id = message.path("id").asLong(0);
                say(
                        peer,
                        refused == null
                                ? Map.of("return", Map.of("status", status), "id", id)
                                : Map.of("error", Map.of("class", "GenericError", "desc", refused), "id", id));
                if (command.equals("migrate") && refused == null) {
                    String uri = message.path("arguments").path("uri").asString("");
                    try (SocketChannel to =
                            SocketChannel.open(UnixDomainSocketAddress.of(uri.substring("unix:".length())))) {
                        to.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                    }
                    status = "postmigrate";
                    say(peer, Map.of("event", "MIGRATION", "data", Map.of("status", "completed")));
                }
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private @org.jspecify.annotations.Nullable String refused(String command) {
        switch (command) {
            case "migrate" -> {
                if (status.equals("postmigrate")) {
                    return "Can't migrate the vm that was paused due to previous migration";
                }
            }
            case "cont" -> status = "running";
            case "stop" -> status = status.equals("running") ? "paused" : status;
            default -> {}
        }
        return null;
    }

    private static void say(SocketChannel peer, Map<String, ?> message) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(message));
        while (bytes.hasRemaining()) {
            peer.write(bytes);
        }
    }

    private List<String> make(String name) throws Exception {
        return new QemuSnapshot(qmp, migration, folder).make(pid, Files.createDirectory(folder.resolve(name)));
    }

    @Test
    void aMachineThatStandsStillIsWrittenAsOftenAsOneLikes() throws Exception {
        for (String name : List.of("first", "second", "third")) {
            assertThat(make(name)).containsExactly("state");
            assertThat(folder.resolve(name).resolve("state")).hasBinaryContent(new byte[] {1, 2, 3});
        }
    }

    @Test
    void oneThatDiesOverItIsToldSo() {
        dies = true;
        assertThatThrownBy(() -> make("first")).isInstanceOf(IOException.class).hasMessageContaining("QEMU hung up");
    }
}
