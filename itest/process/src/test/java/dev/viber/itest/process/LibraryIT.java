package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The example of {@code docs/library.md}, a program outside OSGi, is a viber like any other. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LibraryIT {
    private static final String VIBER = "greeter-1";
    private static final Path DOCS =
            Path.of("").toAbsolutePath().resolve("../../docs").normalize();

    @TempDir
    Path dir;

    private Cluster cluster;
    private String token;
    private final List<Daemon> programs = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir);
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
    }

    @AfterEach
    void stop() {
        programs.forEach(Daemon::close);
        cluster.close();
    }

    private Daemon greeter() throws Exception {
        Daemon program = Daemon.start(
                "greeter",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DOCS.resolve("examples/Greeter.java").toString(),
                        cluster.ws(),
                        token),
                Map.of());
        programs.add(program);
        program.ready();
        return program;
    }

    private Sse submit(String goal) throws Exception {
        JsonNode task = cluster.rest()
                .post("/tasks", Map.of("goal", goal, "viberId", VIBER))
                .expect(201);
        return new Sse(task.path("id").asString());
    }

    private JsonNode task(Sse followed) throws Exception {
        return cluster.rest().get("/tasks/" + followed.taskId()).expect(200);
    }

    @Test
    void whatTheHandlerReturnsOrThrowsEndsTheTask() throws Exception {
        greeter();
        Sse greeted = submit("world");
        greeted.await(cluster.rest(), Sse.Event::isLast);
        assertThat(task(greeted).path("result").path("summary").asString()).isEqualTo("greeted");
        assertThat(greeted.events().toString()).contains("Hello, world!");
        Sse nobody = submit("nobody");
        nobody.await(cluster.rest(), Sse.Event::isLast);
        assertThat(task(nobody).path("error").asString()).isEqualTo("there is nobody to greet");
        Sse waiting = submit("whom?");
        waiting.await(cluster.rest(), event -> event.kind().equals("started"));
        cluster.rest().post("/tasks/" + waiting.taskId() + "/stop", null).expect(200);
        waiting.await(cluster.rest(), Sse.Event::isLast);
        assertThat(task(waiting).path("status").asString()).isEqualTo("stopped");
        JsonNode viber = cluster.rest().get("/vibers/" + VIBER).expect(200);
        assertThat(viber.path("name").asString()).isEqualTo("greeter");
        assertThat(viber.path("capabilities").toString()).contains("greet");
    }

    @Test
    void aTaskGoesOnThroughTheDeathOfTheGateway() throws Exception {
        greeter();
        Sse followed = submit("whom?");
        followed.await(cluster.rest(), event -> event.kind().equals("started"));
        cluster.killGateway();
        cluster.startGateway();
        cluster.insist(rest -> rest.post("/tasks/" + followed.taskId() + "/messages", Map.of("message", "you")))
                .expect(200);
        followed.followToEnd(cluster, event -> {});
        assertThat(followed.events().getLast().kind()).isEqualTo("completed");
        assertThat(followed.events().toString()).containsOnlyOnce("Hello, you!");
        assertThat(followed.events())
                .extracting(Sse.Event::seq)
                .isEqualTo(LongStream.rangeClosed(1, followed.events().size())
                        .boxed()
                        .toList());
    }

    @Test
    void aTaskInHandWhenTheProgramDiesIsNotDoneTwice() throws Exception {
        Daemon first = greeter();
        Sse followed = submit("whom?");
        followed.await(cluster.rest(), event -> event.kind().equals("started"));
        first.kill();
        greeter();
        followed.await(cluster.rest(), Sse.Event::isLast);
        assertThat(task(followed).path("error").asString()).contains("outcome unknown");
    }

    @Test
    void whatTheDocumentShowsIsTheExample() throws Exception {
        String document = Files.readString(DOCS.resolve("library.md"));
        String shown = document.substring(document.indexOf("```java\n") + 8, document.indexOf("\n```\n"));
        String example = Files.readString(DOCS.resolve("examples/Greeter.java"));
        assertThat(example.replaceAll("(?m)^ {8}", "")).contains(shown);
    }
}
