package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A viber in another language that knows the first messages only is served whole, and is sent nothing else. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ThirdPartyViberIT {
    private static final String VIBER = "stranger";
    private static final Map<String, Set<String>> MEMBERS = Map.of(
            "task:submit", Set.of("type", "taskId", "goal", "options"),
            "task:stop", Set.of("type", "taskId"),
            "task:message", Set.of("type", "taskId", "message"),
            "ping", Set.of("type"),
            "config:update", Set.of("type", "config"));

    @TempDir
    Path dir;

    private Cluster cluster;
    private String token;
    private final List<Daemon> strangers = new ArrayList<>();
    private final List<JsonNode> received = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir).with("VIBER_GATEWAY_PING_MS", "400");
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
    }

    @AfterEach
    void stop() {
        strangers.forEach(Daemon::close);
        cluster.close();
        assertThat(received).allSatisfy(frame -> {
            Set<String> wanted = MEMBERS.get(frame.path("type").asString());
            assertThat(wanted).as("a frame it knows: %s", frame).isNotNull();
            assertThat(wanted).as("members of %s", frame).containsAll(frame.propertyNames());
        });
    }

    private Daemon stranger(String... runningTasks) throws IOException, InterruptedException {
        Path script = dir.resolve("minimal_viber.py");
        try (InputStream in = ThirdPartyViberIT.class.getResourceAsStream("minimal_viber.py")) {
            Files.write(script, in.readAllBytes());
        }
        List<String> command = Stream.concat(
                        Stream.of("python3", script.toString(), "127.0.0.1", "" + cluster.port(), token, VIBER),
                        Stream.of(runningTasks))
                .toList();
        Daemon stranger = Daemon.start("stranger", command, Map.of());
        strangers.add(stranger);
        stranger.ready();
        return stranger;
    }

    private Sse submit(String goal) throws Exception {
        JsonNode task = cluster.rest()
                .post(
                        "/tasks",
                        Map.of("goal", goal, "viberId", VIBER, "options", Map.of("metadata", Map.of("room", 7))))
                .expect(201);
        return new Sse(task.path("id").asString());
    }

    private JsonNode task(Sse followed) throws Exception {
        return cluster.rest().get("/tasks/" + followed.taskId()).expect(200);
    }

    /** Reads on until it has received a frame of this type. */
    private JsonNode frame(Daemon stranger, String type) throws InterruptedException {
        while (true) {
            JsonNode frame = stranger.line().path("received");
            if (!frame.isMissingNode()) {
                received.add(frame);
                if (frame.path("type").asString().equals(type)) {
                    return frame;
                }
            }
        }
    }

    private static boolean isLeft(JsonNode line) {
        return line.path("left").asBoolean(false);
    }

    /** Reads on until the script says that it left. */
    private void awaitLeft(Daemon stranger) throws InterruptedException {
        for (JsonNode line = stranger.line(); !isLeft(line); line = stranger.line()) {
            if (line.has("received")) {
                received.add(line.path("received"));
            }
        }
    }

    @Test
    void runsATask() throws Exception {
        Daemon stranger = stranger();
        Sse followed = submit("complete");
        JsonNode submit = frame(stranger, "task:submit");
        assertThat(submit.propertyNames()).containsExactlyInAnyOrder("type", "taskId", "goal", "options");
        assertThat(submit.path("goal").asString()).isEqualTo("complete");
        assertThat(submit.path("options")).isEqualTo(Rest.JSON.readTree("{\"metadata\":{\"room\":7}}"));

        followed.await(cluster.rest(), event -> event.kind().equals("completed"));
        List<JsonNode> progress = followed.events().stream()
                .filter(event -> event.kind().equals("progress"))
                .map(event -> event.data().path("event"))
                .toList();
        assertThat(progress)
                .containsExactly(
                        Rest.JSON.readTree("{\"type\":\"text-delta\",\"delta\":\"Hel\",\"nested\":{\"a\":[1,null]}}"),
                        Rest.JSON.readTree("{\"type\":\"text-delta\",\"delta\":\"lo\"}"));
        JsonNode task = task(followed);
        assertThat(task.path("status").asString()).isEqualTo("completed");
        assertThat(task.path("result").path("extra").asInt()).isEqualTo(7);
        assertThat(task.path("result").path("summary").path("text").asString()).isEqualTo("done");
        JsonNode viber = cluster.rest().get("/vibers/" + VIBER).expect(200);
        assertThat(viber.path("name").asString()).isEqualTo("stranger");
        assertThat(viber.path("status").asString()).isEqualTo("online");
    }

    @Test
    void failsATask() throws Exception {
        stranger();
        Sse followed = submit("fail");
        followed.await(cluster.rest(), event -> event.kind().equals("error"));
        assertThat(task(followed).path("status").asString()).isEqualTo("error");
        assertThat(task(followed).path("error").asString()).isEqualTo("no such luck");
    }

    @Test
    void isToldToStop() throws Exception {
        Daemon stranger = stranger();
        Sse followed = submit("hang");
        followed.await(cluster.rest(), event -> event.kind().equals("started"));
        cluster.rest().post("/tasks/" + followed.taskId() + "/stop", null).expect(200);
        assertThat(frame(stranger, "task:stop").path("taskId").asString()).isEqualTo(followed.taskId());
        followed.await(cluster.rest(), event -> event.kind().equals("stopped"));
        assertThat(task(followed).path("status").asString()).isEqualTo("stopped");
    }

    @Test
    void staysConnectedByAnsweringPings() throws Exception {
        Daemon stranger = stranger();
        // A socket that misses two is closed, so the fifth tells that those before were answered.
        for (int pings = 0; pings < 5; ) {
            JsonNode line = stranger.line();
            assertThat(line.has("closed")).as("%s", line).isFalse();
            pings += line.has("wsPing") ? 1 : 0;
        }
        assertThat(cluster.rest()
                        .get("/vibers/" + VIBER)
                        .expect(200)
                        .path("status")
                        .asString())
                .isEqualTo("online");
    }

    @Test
    void aSubmitCutOffIsAskedAboutAndNotSentAgain() throws Exception {
        Daemon stranger = stranger();
        Sse followed = submit("cut");
        awaitLeft(stranger);
        JsonNode waiting = followed.await(cluster.rest(), event -> event.kind().equals("waiting"))
                .data();
        assertThat(waiting.path("reason").asString()).contains("outcome unknown");
        assertThat(task(followed).path("phase").asString()).isEqualTo("waiting");
        assertThat(task(followed).path("status").asString()).isEqualTo("running");

        Daemon back = stranger();
        Sse next = submit("complete");
        JsonNode submit = frame(back, "task:submit");
        assertThat(submit.path("taskId").asString())
                .as("only the new task is sent")
                .isEqualTo(next.taskId());
        next.await(cluster.rest(), event -> event.kind().equals("completed"));
        assertThat(task(followed).path("phase").asString()).isEqualTo("waiting");

        cluster.rest()
                .post("/approvals/" + waiting.path("approvalId").asString(), Map.of("allow", true))
                .expect(200);
        assertThat(frame(back, "task:submit").path("taskId").asString())
                .as("sent again once that was allowed")
                .isEqualTo(followed.taskId());
    }

    @Test
    void aSubmitCutOffEndsWhenThatIsAnsweredWithNo() throws Exception {
        Daemon stranger = stranger();
        Sse followed = submit("cut");
        awaitLeft(stranger);
        JsonNode waiting = followed.await(cluster.rest(), event -> event.kind().equals("waiting"))
                .data();
        cluster.rest()
                .post("/approvals/" + waiting.path("approvalId").asString(), Map.of("allow", false))
                .expect(200);
        followed.await(cluster.rest(), Sse.Event::isLast);
        assertThat(task(followed).path("status").asString()).isEqualTo("error");
    }

    @Test
    void aStartedTaskItNoLongerListsEndsWithOutcomeUnknown() throws Exception {
        Daemon stranger = stranger();
        Sse followed = submit("vanish");
        awaitLeft(stranger);
        stranger();
        followed.await(cluster.rest(), event -> event.kind().equals("error"));
        assertThat(task(followed).path("error").asString()).contains("outcome unknown");
    }

    @Test
    void aStartedTaskItStillListsGoesOn() throws Exception {
        Daemon stranger = stranger();
        Sse followed = submit("vanish");
        followed.await(cluster.rest(), event -> event.kind().equals("started"));
        awaitLeft(stranger);
        Daemon back = stranger(followed.taskId());
        cluster.rest().post("/tasks/" + followed.taskId() + "/stop", null).expect(200);
        assertThat(frame(back, "task:stop").path("taskId").asString()).isEqualTo(followed.taskId());
        followed.await(cluster.rest(), event -> event.kind().equals("stopped"));
    }
}
