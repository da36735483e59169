package dev.viber.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolInfo;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class ControllerTest {
    @TempDir
    Path state;

    private TestStore stored;
    private Store store;
    private TestGateway gateway;

    @BeforeEach
    void open() throws Exception {
        stored = new TestStore(state.resolve("state.db"));
        store = stored.store();
        gateway = new TestGateway();
    }

    @AfterEach
    void close() throws Exception {
        gateway.stop();
        stored.close();
    }

    private TestViber viber() {
        return new TestViber(gateway.address(), "secret", null, state, store);
    }

    private Optional<TaskRow> row() {
        return store.read(tables -> tables.tasks().find("t1"));
    }

    private long lastSeq() {
        return store.read(tables -> tables.journal().lastSeq("task/t1"));
    }

    private Map<String, String> messages() {
        return store.read(tables -> tables.values().list("message/t1/"));
    }

    private static Map<String, Object> command(String type, long cmd, Object... members) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", type);
        frame.put("cmd", cmd);
        for (int i = 0; i < members.length; i += 2) {
            frame.put((String) members[i], members[i + 1]);
        }
        return frame;
    }

    private JsonNode awaitAck(long cmd) throws InterruptedException {
        return gateway.next(
                frame -> frame.path("type").stringValue("").equals("ack")
                        && frame.path("cmd").asLong() == cmd,
                "ack of command " + cmd);
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    @Test
    void registersWithWhatItIsAndSaysWhenItIsReady() throws Exception {
        TestViber.insert(store, "t1", 1);
        TestViber.progress(store, "t1", 2);
        try (TestViber viber = viber()) {
            Map<String, String> headers = gateway.nextUpgrade();
            assertThat(headers)
                    .containsEntry("authorization", "Bearer secret")
                    .containsEntry("x-viber-id", TestViber.ID)
                    .containsEntry("x-viber-version", "9.9.9")
                    .containsEntry("sec-websocket-protocol", "viber.v1");
            JsonNode info = gateway.next("connected").path("viber");
            assertThat(info.path("id").asString()).isEqualTo(TestViber.ID);
            assertThat(info.path("capacity").asInt()).isEqualTo(3);
            assertThat(info.path("features").toString())
                    .isEqualTo("[\"ack\",\"welcome\",\"approval\",\"traceparent\"]");
            assertThat(info.path("runningTasks").toString()).isEqualTo("[\"t1\"]");
            assertThat(info.path("tasks").toString()).isEqualTo("[{\"taskId\":\"t1\",\"attempt\":1,\"vseq\":2}]");
            assertThat(viber.awaitReady(true).orElseThrow().facts()).containsEntry("connected", true);
            JsonNode machine = gateway.next("heartbeat").path("status").path("machine");
            assertThat(machine.path("memory").path("total").asLong()).isPositive();
            assertThat(machine.path("disk").path("total").asLong()).isPositive();
            assertThat(viber.controller.mode()).isEqualTo("online");
            gateway.send(Map.of("type", "ping"));
            gateway.next("pong");
        }
        assertThat(row().orElseThrow().peerSeq()).isEqualTo(2);
    }

    @Test
    void everyFrameArrivesOnceInOrderThoughTheSocketIsCutAgainAndAgain() throws Exception {
        try (TestViber viber = viber()) {
            gateway.next("connected");
            viber.awaitReady(true);
            TestViber.insert(store, "t1", 1);
            gateway.cutAfter(70);
            TestViber.progress(store, "t1", 150);
            gateway.next("connected");
            gateway.cutAfter(40);
            TestViber.progress(store, "t1", 100);
            gateway.next("connected");
            TestViber.complete(store, "t1");
            gateway.next("task:completed");
            assertThat(gateway.wrongs()).isEmpty();
            assertThat(gateway.taken("t1/1")).isEqualTo(upTo(251));
        }
        assertThat(row()).isEmpty();
        assertThat(lastSeq()).isZero();
    }

    @Test
    void aCommandIsTakenInOnceAcrossReconnectAndRestart() throws Exception {
        Map<String, Object> submit =
                command("task:submit", 1, "taskId", "t1", "attempt", 1, "goal", "g", "options", Map.of("mode", "x"));
        Map<String, Object> message = command("task:message", 2, "taskId", "t1", "message", "hi", "mode", "followup");
        try (TestViber viber = viber()) {
            gateway.next("connected");
            gateway.send(submit);
            gateway.send(message);
            awaitAck(1);
            awaitAck(2);
            viber.awaitWake("t1");
            assertThat(viber.row("t1").orElseThrow().options()).isEqualTo("{\"mode\":\"x\"}");
            assertThat(messages()).containsOnlyKeys("message/t1/000000000002");
            // The agent has taken the message: it must not come again.
            store.write(tables -> {
                        tables.values().remove("message/t1/000000000002");
                        return true;
                    })
                    .getValue();
            gateway.cut();
            gateway.next("connected");
            gateway.send(message);
            awaitAck(2);
        }
        try (TestViber viber = viber()) {
            gateway.next("connected");
            gateway.send(submit);
            gateway.send(message);
            awaitAck(1);
            awaitAck(2);
            assertThat(messages()).isEmpty();
            gateway.send(command("task:stop", 3, "taskId", "t1", "attempt", 1));
            awaitAck(3);
            assertThat(viber.row("t1").orElseThrow().phase()).isEqualTo(Phase.STOPPING);
        }
    }

    @Test
    void aHigherAttemptReplacesTheEarlierOneAndALowerOneChangesNothing() throws Exception {
        TestViber.insert(store, "t1", 1);
        TestViber.progress(store, "t1", 3);
        gateway.acking = false;
        try (TestViber viber = viber()) {
            viber.awaitReady(true);
            gateway.send(command("task:submit", 1, "taskId", "t1", "attempt", 2, "goal", "again"));
            gateway.send(command("task:submit", 2, "taskId", "t1", "attempt", 1, "goal", "late"));
            awaitAck(2);
            assertThat(viber.row("t1").orElseThrow().goal()).isEqualTo("again");
            assertThat(viber.row("t1").orElseThrow().attempt()).isEqualTo(2);
            TestViber.progress(store, "t1", 1);
            gateway.next(frame -> frame.path("attempt").asInt() == 2, "a frame of attempt 2");
            assertThat(gateway.taken("t1/2")).isEqualTo(upTo(1));
            assertThat(gateway.wrongs()).isEmpty();
        }
    }

    @Test
    void aDecisionAnswersAnOpenQuestion() throws Exception {
        TestViber.insert(store, "t1", 1);
        store.write(tables -> {
                    tables.approvals()
                            .put(new ApprovalRow(
                                    "a1", "t1", "file.write", "{}", "why", "open", null, Instant.now(), null));
                    return true;
                })
                .getValue();
        try (TestViber viber = viber()) {
            viber.awaitReady(true);
            gateway.send(command("task:decision", 1, "taskId", "t1", "approvalId", "a1", "allow", true, "by", "ann"));
            awaitAck(1);
            ApprovalRow row =
                    store.read(tables -> tables.approvals().find("a1")).orElseThrow();
            assertThat(row.state()).isEqualTo("allowed");
            assertThat(row.decidedBy()).isEqualTo("ann");
        }
    }

    @Test
    void whatTheGatewayDiscardsIsForgottenAndNotSent() throws Exception {
        TestViber.insert(store, "t1", 1);
        TestViber.progress(store, "t1", 2);
        gateway.discarding = true;
        try (TestViber viber = viber()) {
            gateway.next("connected");
            viber.awaitReady(true);
            assertThat(viber.row("t1")).isEmpty();
            viber.awaitWake("t1");
            gateway.next("heartbeat");
            assertThat(gateway.taken("t1/1")).isEmpty();
        }
    }

    @Test
    void aGoodConfigurationAppliesAndLastsAndABadOneChangesNothing() throws Exception {
        String digest;
        try (TestViber viber = viber()) {
            viber.awaitReady(true);
            gateway.send(command("config:update", 1, "config", Map.of("capacity", 2, "name", "kitchen")));
            digest = awaitDigest(true);
            assertThat(viber.runner.configured.poll(20, TimeUnit.SECONDS).capacity())
                    .isEqualTo(2);
            gateway.send(command("config:update", 2, "config", Map.of("capacity", 0)));
            JsonNode refused = gateway.next(
                    frame -> frame.path("status").path("configError").isString(), "a heartbeat with configError");
            assertThat(refused.path("status").path("configError").asString()).contains("capacity", "1 to 256");
            assertThat(refused.path("status").path("configDigest").asString()).isEqualTo(digest);
            gateway.send(command("config:update", 3, "config", Map.of("colour", "red")));
            gateway.next(
                    frame -> frame.path("status")
                            .path("configError")
                            .stringValue("")
                            .contains("colour"),
                    "a heartbeat that names the unknown member");
            gateway.send(command("config:update", 4, "config", Map.of("policy", Map.of())));
            awaitAck(4);
        }
        try (TestViber viber = viber()) {
            assertThat(viber.runner.configured.poll(20, TimeUnit.SECONDS).capacity())
                    .isEqualTo(2);
            assertThat(gateway.next("connected").path("viber").path("name").asString())
                    .isEqualTo("kitchen");
            assertThat(awaitDigest(true)).isEqualTo(digest);
            gateway.send(command("config:update", 5, "config", Collections.singletonMap("capacity", null)));
            JsonNode unset = gateway.next(
                    frame -> frame.path("type").asString("").equals("heartbeat")
                            && frame.path("status")
                                    .path("config")
                                    .path("capacity")
                                    .isMissingNode(),
                    "a heartbeat without capacity");
            assertThat(unset.path("status").path("config").path("name").asString())
                    .isEqualTo("kitchen");
        }
    }

    private String awaitDigest(boolean there) throws InterruptedException {
        return gateway.next(
                        frame -> frame.path("status").path("configDigest").isString() == there,
                        "a heartbeat with a digest")
                .path("status")
                .path("configDigest")
                .asString();
    }

    private record NamedTool(ToolInfo info) implements Tool {
        @Override
        public Map<String, Object> call(Map<String, Object> arguments, ToolContext context) {
            return Map.of();
        }
    }

    @Test
    void aToolThatComesOrGoesIsToldAtOnceAndAnUpdateDoesNotFlicker() throws Exception {
        Tool tool = new NamedTool(new ToolInfo("text.reverse", "Reverses.", "{\"type\":\"object\"}"));
        Tool update = new NamedTool(new ToolInfo("text.reverse", "Reverses better.", "{\"type\":\"object\"}"));
        try (TestViber viber = viber()) {
            viber.awaitReady(true);
            gateway.next("heartbeat");
            viber.controller.bindTool(tool);
            JsonNode status = awaitTools();
            assertThat(status.path("capabilities").toString()).isEqualTo("[\"text\"]");
            assertThat(status.path("tools").toString()).contains("Reverses.");
            viber.controller.unbindTool(tool);
            viber.controller.bindTool(update);
            status = awaitTools();
            assertThat(status.path("tools").toString()).contains("Reverses better.");
            assertThat(status.has("capabilities")).isFalse();
            viber.controller.unbindTool(update);
            assertThat(awaitTools().path("tools").toString()).isEqualTo("[]");
        }
    }

    private JsonNode awaitTools() throws InterruptedException {
        return gateway.next(frame -> frame.path("status").has("tools"), "a heartbeat with tools")
                .path("status");
    }

    @Test
    void aServerThatSaysNoWelcomeIsServedAndItsFramesCountAsAcknowledged() throws Exception {
        gateway.welcoming = false;
        try (TestViber viber = viber()) {
            gateway.next("connected");
            viber.awaitReady(true);
            gateway.send(Map.of("type", "task:submit", "taskId", "t1", "goal", "g"));
            viber.awaitWake("t1");
            TestViber.progress(store, "t1", 2);
            TestViber.complete(store, "t1");
            gateway.next("task:completed");
            assertThat(gateway.taken("t1/1")).isEqualTo(upTo(3));
        }
        assertThat(row()).isEmpty();
    }

    @Test
    void unacknowledgedFramesOutliveTheControllerAndDuplicatesAreAcknowledgedAgain() throws Exception {
        gateway.acking = false;
        TestViber.insert(store, "t1", 1);
        try (TestViber viber = viber()) {
            viber.awaitReady(true);
            TestViber.progress(store, "t1", 3);
            TestViber.complete(store, "t1");
            gateway.next("task:completed");
            assertThat(viber.controller.unacked()).isEqualTo(4);
        }
        try (TestViber viber = viber()) {
            JsonNode info = gateway.next("connected").path("viber");
            assertThat(info.path("tasks").toString()).contains("\"vseq\":4");
            assertThat(info.path("runningTasks").toString()).isEqualTo("[]");
            viber.awaitReady(true);
        }
        // The gateway had all of it, and its resume said so: that is an acknowledgement.
        assertThat(row()).isEmpty();
        assertThat(gateway.taken("t1/1")).isEqualTo(upTo(4));
        assertThat(gateway.wrongs()).isEmpty();
    }

    @Test
    void anEventTooLargeForTheGatewayIsToldInItsPlace() throws Exception {
        TestViber.insert(store, "t1", 1);
        try (TestViber viber = viber()) {
            viber.awaitReady(true);
            String big = "{\"event\":{\"kind\":\"text\",\"delta\":\"%s\"}}".formatted("x".repeat(100_000));
            store.write(tables -> tables.journal()
                            .append("task/t1", List.of(new dev.viber.api.store.JournalEvent("progress", 1, big))))
                    .getValue();
            JsonNode frame = gateway.next("task:progress");
            assertThat(frame.path("event").path("message").asString()).contains("left out");
            assertThat(frame.path("vseq").asLong()).isEqualTo(1);
        }
    }

    @Test
    void aStoreIsSwappedUnderTheConnection() throws Exception {
        TestViber.insert(store, "t1", 1);
        try (TestViber viber = viber()) {
            gateway.next("connected");
            viber.awaitReady(true);
            viber.controller.unbindStore(store);
            TestViber.progress(store, "t1", 2);
            viber.controller.bindStore(store);
            gateway.next(frame -> frame.path("vseq").asLong() == 2, "frame 2");
            assertThat(gateway.taken("t1/1")).isEqualTo(upTo(2));
        }
    }
}
