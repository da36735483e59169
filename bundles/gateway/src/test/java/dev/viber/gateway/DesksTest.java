package dev.viber.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.ViberRow;
import dev.viber.api.task.Decision;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskMessage;
import dev.viber.api.task.TaskSubmission;
import dev.viber.api.trace.TraceContext;
import dev.viber.api.viber.Viber;
import dev.viber.store.sqlite.SqliteStore;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Promise;

/** The two desks over the real store, with vibers that are frames alone. */
class DesksTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String COUNTING = "{\"type\":\"connected\",\"viber\":{\"id\":\"box\",\"features\":[\"ack\"]}}";

    @TempDir
    Path folder = Path.of("");

    private @Nullable SqliteStore store;
    private final Gate<Store> gate = new Gate<>("store", HOUR);
    private final Gateway gateway = new Gateway(
            new Settings(
                    HOUR, HOUR, 10_000, HOUR, 1 << 20, 8, HOUR, Path.of("target", "artifacts"), 1 << 20, 1 << 20, 8),
            gate,
            new Needs(new Gate<>("playbooks", HOUR)));
    private final GatewayTaskDesk tasks = new GatewayTaskDesk(gateway, new Gate<>("playbooks", HOUR));
    private final GatewayViberDesk vibers = new GatewayViberDesk(gateway, new Gate<>("tokens", HOUR));

    @BeforeEach
    void open() {
        Map<String, Object> values =
                Map.of("store", "gateway", "path", folder.resolve("state.db").toString());
        SqliteStore opened = new SqliteStore((SqliteStore.Config) Proxy.newProxyInstance(
                SqliteStore.Config.class.getClassLoader(),
                new Class<?>[] {SqliteStore.Config.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue())));
        store = opened;
        gate.open(opened);
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
    }

    private <T> T change(BiFunction<Tables, Effects, T> change) {
        return Inbound.await(gateway.change(change));
    }

    /** A task in this phase of its first attempt, held by this viber. */
    private void held(String id, String viberId, Phase phase) {
        Instant now = Instant.now();
        change((tables, effects) -> {
            tables.tasks()
                    .insert(new TaskRow(
                            id, "goal", viberId, false, phase, 1, "{}", null, null, now, null, null, 0, null, null,
                            null));
            return true;
        });
    }

    private void viber(String id, String info) {
        change((tables, effects) -> {
            tables.vibers().put(new ViberRow(id, id, info, "{}", Instant.now(), null, null));
            return true;
        });
    }

    private List<String> commands(String viberId) {
        return gateway.pendingCommands(viberId).stream()
                .map(Tables.CommandRow::body)
                .toList();
    }

    @Test
    void aTaskIsASpanOfItsClientsTraceAndItsOrdersCarryIt() throws Exception {
        String client = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        viber("box", "{\"features\":[\"ack\",\"traceparent\"]}");
        viber("old", "{\"features\":[\"ack\"]}");
        for (String viber : List.of("box", "old")) {
            Task task = tasks.by("ann")
                    .submit(new TaskSubmission("goal", viber, Map.of(), null, client))
                    .getValue()
                    .task();
            TraceContext span = TraceContext.parse(task.traceparent()).orElseThrow();
            assertThat(span.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(span.spanId()).isNotEqualTo("00f067aa0ba902b7");
            assertThat(tasks.find(task.id()).orElseThrow().waitsFor())
                    .isEqualTo("the viber %s is not connected".formatted(viber));
            change((tables, effects) -> {
                TaskRow row = tables.tasks().find(task.id()).orElseThrow();
                new Orders(tables, effects).submit(viber, row, 1);
                return true;
            });
            String frame = commands(viber).getFirst();
            if (viber.equals("box")) {
                assertThat(frame).contains("\"traceparent\":\"" + task.traceparent() + "\"");
            } else {
                assertThat(frame).doesNotContain("traceparent");
            }
            String queued = gateway.read(tables -> tables.journal().read("task/" + task.id(), 0, 1))
                    .getFirst()
                    .events()
                    .getFirst()
                    .data();
            assertThat(queued).contains("\"by\":\"ann\"").contains(String.valueOf(task.traceparent()));
        }
        assertThat(gateway.counters().metrics().stream()
                        .filter(metric -> metric.name().equals("viber_tasks_accepted_total")))
                .allSatisfy(metric ->
                        assertThat(metric.samples().getFirst().value()).isEqualTo(2));
    }

    @Test
    void whatIsNoTraceparentBeginsATraceOfItsOwn() throws Exception {
        Task task = tasks.submit(new TaskSubmission("goal", null, Map.of(), null, "00-nonsense"))
                .getValue()
                .task();
        assertThat(TraceContext.parse(task.traceparent())).isPresent();
        assertThat(tasks.find(task.id()).orElseThrow().waitsFor()).isEqualTo("no viber is connected");
    }

    @Test
    void whatIsAskedUnderAKeyIsDoneOnce() throws Exception {
        viber("box", "{\"id\":\"box\",\"features\":[\"ack\"]}");
        held("t1", "box", Phase.RUNNING);
        TaskMessage hurry = new TaskMessage("hurry", TaskMessage.Mode.STEER);

        Inbound.await(tasks.once("k").message("t1", hurry));
        Inbound.await(tasks.once("k").message("t1", hurry));
        assertThat(commands("box")).hasSize(1);
        Inbound.await(tasks.once("other").message("t1", hurry));
        assertThat(commands("box")).hasSize(2);
        assertThat(failure(tasks.once("k").message("t1", new TaskMessage("wait", TaskMessage.Mode.STEER))))
                .isEqualTo(Kind.CONFLICT);
        assertThat(failure(tasks.once("k").message("nope", hurry))).isEqualTo(Kind.NOT_FOUND);

        change((tables, effects) -> new TaskBook(tables, effects, Instant.now()).stop("t1"));
        assertThat(Inbound.await(tasks.once("k").message("t1", hurry)).phase())
                .as("sent before it was stopped")
                .isEqualTo("stopping");
        assertThat(failure(tasks.once("new").message("t1", hurry))).isEqualTo(Kind.CONFLICT);
    }

    private static Kind failure(Promise<?> promise) throws InterruptedException {
        return ((ProblemException) promise.getFailure()).kind();
    }

    @Test
    void aDeadLetterIsRevivedOnceUnderAKey() throws Exception {
        held("t1", "box", Phase.DEAD);
        held("t2", "box", Phase.COMPLETED);
        assertThat(Inbound.await(tasks.once("k").revive("t1")).phase()).isEqualTo("queued");
        assertThat(Inbound.await(tasks.once("k").revive("t1")).phase()).isEqualTo("queued");
        assertThat(failure(tasks.revive("t1"))).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure(tasks.revive("t2"))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void aSubmitThatWasCutOffIsSentAgainWithoutAStop() {
        viber("mini", "{\"id\":\"mini\"}");
        held("t1", "mini", Phase.DISPATCHED);
        held("t2", "mini", Phase.DISPATCHED);
        Effects effects = new Effects();
        change((tables, ignored) -> {
            Instant now = Instant.now();
            new Reconciliation(tables, effects, now, HOUR).disconnected("mini", true);
            TaskBook book = new TaskBook(tables, effects, now);
            assertThat(book.find("t1").phase()).isEqualTo(Phase.WAITING);
            book.retry("t1");
            book.decide(Reconciliation.unknownSubmitId("t2", 1), new Decision(true, "ann", null));
            assertThat(book.find("t1").phase()).isEqualTo(Phase.QUEUED);
            assertThat(book.find("t2").phase()).isEqualTo(Phase.QUEUED);
            return true;
        });
        assertThat(effects.direct).isEmpty();
    }

    private static final class Silent implements Wire {
        @Override
        public void send(String text, Consumer<Boolean> sent) {
            sent.accept(true);
        }

        @Override
        public void ping() {
            // nobody answers
        }

        @Override
        public void close(int code, String reason) {
            // nothing is open
        }
    }

    private Session session() throws Exception {
        Session session = new Session(gateway, new Silent(), new Principal("k", Role.VIBER, "box"));
        say(session, COUNTING);
        return session;
    }

    private void say(Session session, String frame) throws Exception {
        gateway.inbound().take(session, List.of(FrameReader.read(frame.getBytes(StandardCharsets.UTF_8))));
    }

    private static String heartbeat(String config) {
        return "{\"type\":\"heartbeat\",\"status\":{\"config\":" + config + "}}";
    }

    @Test
    void aRefusedConfigurationIsNoLongerShownAndANameIsSeen() throws Exception {
        Session session = session();
        say(session, heartbeat("{\"capacity\":3}"));
        assertThat(config()).as("what the viber has").isEqualTo(Map.of("capacity", 3));

        Viber changed = Inbound.await(
                vibers.change("box", null, Map.of("policy", Map.of("unknownOutcome", "guess"), "name", "kitchen")));
        assertThat(changed.name()).isEqualTo("kitchen");
        say(session, heartbeat("{\"capacity\":3}"));
        assertThat(config()).as("on its way").containsKey("policy");
        say(session, "{\"type\":\"ack\",\"cmd\":1}");
        say(session, heartbeat("{\"capacity\":3}"));
        assertThat(config()).as("refused").isEqualTo(Map.of("capacity", 3));
    }

    private Map<String, Object> config() {
        return vibers.find("box").orElseThrow().config();
    }
}
