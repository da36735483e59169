package dev.viber.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.viber.AgentConfig;
import dev.viber.events.JournalEventBus;
import dev.viber.store.sqlite.SqliteStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The local face over a real socket, a real store and its bus. */
class LocalFaceTest {
    @TempDir
    Path folder;

    private Path socket;
    private SqliteStore store;
    private JournalEventBus bus;
    private LocalFace face;

    @BeforeEach
    void open() throws Exception {
        socket = folder.resolve("run").resolve("viber.sock");
        store = new SqliteStore(annotation(
                SqliteStore.Config.class,
                Map.of("store", "viber", "path", folder.resolve("viber.db").toString())));
        bus = new JournalEventBus();
        call(bus, "bindStore", Store.class, store);
        face = new LocalFace(config(socket.toString()));
    }

    @AfterEach
    void close() throws Exception {
        face.close();
        Method deactivate = JournalEventBus.class.getDeclaredMethod("deactivate");
        deactivate.setAccessible(true);
        deactivate.invoke(bus);
        store.close();
    }

    /** Runs nothing and tells how a task ended as an agent would: in the store. */
    private final class Agent implements TaskRunner {
        @Override
        public void wake(String taskId) {
            store.write(tables -> {
                TaskRow row = tables.tasks().find(taskId).orElseThrow();
                List<JournalEvent> events = new ArrayList<>();
                if (row.phase() == Phase.DISPATCHED) {
                    events.add(new JournalEvent("started", 1, "{}"));
                }
                if (row.phase() == Phase.STOPPING) {
                    events.add(new JournalEvent("error", 2, "{\"error\":\"stopped\"}"));
                } else if (!row.goal().equals("for ever")) {
                    events.add(new JournalEvent("completed", 2, "{\"result\":{\"outputs\":" + row.options() + "}}"));
                }
                tables.journal().append("task/" + taskId, events);
                return true;
            });
        }

        @Override
        public Set<String> running() {
            return Set.of("local-1");
        }

        @Override
        public int busy() {
            return 1;
        }

        @Override
        public int capacity() {
            return 4;
        }

        @Override
        public void configure(AgentConfig config) {
            throw new UnsupportedOperationException("not asked for here");
        }

        @Override
        public void drain(Duration atMost) {
            // Nothing is under way.
        }
    }

    /** The other end of the socket. */
    private static final class Client implements AutoCloseable {
        private final SocketChannel channel;
        private final BufferedReader in;
        private final Writer out;

        Client(Path socket) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            out = Channels.newWriter(channel, StandardCharsets.UTF_8);
        }

        void say(String line) throws IOException {
            out.write(line + "\n");
            out.flush();
        }

        Map<String, Object> hear() throws IOException {
            return Json.object(in.readLine());
        }

        List<Map<String, Object>> all(String request) throws IOException {
            say(request);
            List<Map<String, Object>> lines = new ArrayList<>();
            do {
                lines.add(hear());
            } while (!lines.getLast().containsKey("done") && !lines.getLast().containsKey("status"));
            return lines;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private void bindAll() {
        face.bindStore(store);
        face.bindEvents(bus);
        face.bindRunner(new Agent());
    }

    @Test
    void runsALocalTaskToItsEndAndForgetsIt() throws IOException {
        bindAll();
        try (Client client = new Client(socket)) {
            List<Map<String, Object>> lines =
                    client.all("{\"call\":\"run\",\"goal\":\"do it\",\"options\":{\"inputs\":{\"a\":1}}}");

            assertThat(lines).extracting(line -> line.get("kind")).containsExactly("started", "completed", null);
            assertThat(lines).extracting(line -> line.get("seq")).containsExactly(1, 2, null);
            assertThat(lines.get(1)).containsEntry("result", Map.of("outputs", Map.of("inputs", Map.of("a", 1))));
            String taskId = String.valueOf(lines.get(2).get("taskId"));
            assertThat(taskId).startsWith("local-");
            assertThat(store.<Boolean>read(tables -> tables.tasks().find(taskId).isPresent()))
                    .isFalse();
            assertThat(store.<Long>read(tables -> tables.journal().lastSeq("task/" + taskId)))
                    .isZero();
            assertThat(client.all("{\"call\":\"follow\",\"taskId\":\"" + taskId + "\"}"))
                    .singleElement()
                    .satisfies(line -> assertThat(line).containsEntry("status", 404));
        }
    }

    @Test
    void aTaskOutlivesItsClientAndIsStoppedByAnother() throws IOException {
        bindAll();
        String taskId;
        try (Client client = new Client(socket)) {
            client.say("{\"call\":\"run\",\"goal\":\"for ever\"}");
            Map<String, Object> first = client.hear();
            assertThat(first).containsEntry("kind", "started");
            taskId = String.valueOf(first.get("taskId"));
        }
        try (Client client = new Client(socket)) {
            assertThat(client.all("{\"call\":\"stop\",\"taskId\":\"" + taskId + "\"}"))
                    .containsExactly(Map.of("done", true));
        }
        TaskRow row = store.<TaskRow>read(tables -> tables.tasks().find(taskId).orElseThrow());
        assertThat(row.phase()).isEqualTo(Phase.STOPPING);
        assertThat(row.viberId()).isNull();
    }

    @Test
    void touchesNoTaskOfAGateway() throws Exception {
        bindAll();
        store.write(tables -> {
                    tables.tasks().insert(row("t1", "viber-1"));
                    return true;
                })
                .getValue();
        try (Client client = new Client(socket)) {
            assertThat(client.all("{\"call\":\"stop\",\"taskId\":\"t1\"}"))
                    .singleElement()
                    .satisfies(line -> assertThat(line).containsEntry("status", 404));
        }
        assertThat(store.<Phase>read(
                        tables -> tables.tasks().find("t1").orElseThrow().phase()))
                .isEqualTo(Phase.RUNNING);
    }

    @Test
    void tellsWhatIsThereAndRefusesWhatIsNot() throws IOException {
        try (Client client = new Client(socket)) {
            assertThat(client.all("{\"call\":\"status\"}").getFirst())
                    .containsEntry("pid", (int) ProcessHandle.current().pid())
                    .doesNotContainKeys("tasks", "viber");
            assertThat(client.all("{\"call\":\"run\",\"goal\":\"x\"}").getFirst())
                    .containsEntry("status", 503);
            assertThat(client.all("{\"call\":\"shell\",\"line\":\"lb\"}").getFirst())
                    .containsEntry("status", 503);
            assertThat(client.all("{\"call\":\"dance\"}").getFirst()).containsEntry("status", 400);
            assertThat(client.all("no json").getFirst()).containsEntry("status", 400);
            bindAll();
            face.addStore(store, Map.of("store", "viber"));
            Map<String, Object> status = client.all("{\"call\":\"status\"}").getFirst();
            assertThat(status).containsEntry("tasks", Map.of("running", List.of("local-1"), "busy", 1, "capacity", 4));
            assertThat(Json.write(status)).contains("\"stores\":{\"viber\":{");
        }
    }

    @Test
    void isTheOwnersAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void replacesAStaleSocketButNotALiveOne() throws IOException {
        assertThatThrownBy(() -> new LocalFace(config(socket.toString())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another process answers on " + socket);

        Path stale = folder.resolve("stale.sock");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(stale));
        }
        assertThat(stale).exists();
        try (LocalFace second = new LocalFace(config(stale.toString()));
                Client client = new Client(stale)) {
            second.bindStore(store);
            assertThat(client.all("{\"call\":\"status\"}").getFirst()).containsKey("pid");
        }
        assertThat(stale).doesNotExist();
    }

    @Test
    void isGoneAfterAStopAndASecondStopDoesNothing() {
        face.close();
        face.close();
        assertThat(socket).doesNotExist();
    }

    private static TaskRow row(String id, String viberId) {
        return new TaskRow(
                id,
                "goal",
                viberId,
                false,
                Phase.RUNNING,
                1,
                "{}",
                null,
                null,
                Instant.now(),
                null,
                null,
                0,
                null,
                null,
                null);
    }

    private static void call(Object on, String name, Class<?> type, Object value) throws ReflectiveOperationException {
        Method method = on.getClass().getDeclaredMethod(name, type);
        method.setAccessible(true);
        method.invoke(on, value);
    }

    private static LocalFace.Config config(String socket) {
        return annotation(LocalFace.Config.class, Map.of("socket", socket));
    }

    /** The annotation with these values, and its defaults for the rest. */
    private static <A> A annotation(Class<A> type, Map<String, Object> values) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (_, method, _) -> values.getOrDefault(method.getName(), method.getDefaultValue())));
    }
}
