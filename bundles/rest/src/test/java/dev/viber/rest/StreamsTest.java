package dev.viber.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.rest.TaskEvents;
import dev.viber.api.rest.TaskRequest;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.client.TaskEvent;
import dev.viber.client.TaskEventStream;
import dev.viber.client.ViberClient;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamsTest {
    private static final String[] SSE = {"Accept", "text/event-stream"};

    private RestServer server;
    private ViberClient client;
    private Task task;

    @BeforeEach
    void start() throws Exception {
        server = new RestServer(Map.of("heartbeat_ms", 100L));
        client = server.client();
        task = client.submit(new TaskRequest("count", null, null), null);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private void progress(String data) {
        server.memory.move(task.id(), Phase.RUNNING, "progress", data);
    }

    private void complete() {
        server.memory.move(task.id(), Phase.COMPLETED, "completed", "{\"result\":{\"summary\":\"3\"}}");
    }

    private HttpResponse<InputStream> open(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.root + path))
                .header("Authorization", "Bearer viewer")
                .headers(SSE);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.http().send(request.build(), BodyHandlers.ofInputStream());
    }

    private static BufferedReader lines(HttpResponse<InputStream> response) {
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    private static String next(BufferedReader reader, String prefix) throws Exception {
        String line = reader.readLine();
        while (line != null && !line.startsWith(prefix)) {
            line = reader.readLine();
        }
        return String.valueOf(line);
    }

    @Test
    void aTaskIsStreamedToItsEndByteForByte() throws Exception {
        progress(
                "{ \"seq\" : 9 , \"event\":{\"kind\":\"text\",\"delta\":\"H\u00e9\\\"\\n,}\ud83d\ude00\"}\n, \"at\":[1,{\"a\":2}],\"kind\":\"x\"}");
        complete();

        HttpResponse<String> response = server.send("GET", "/api/v1/tasks/t1/events", null, SSE);

        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        assertThat(response.body().replaceAll("1970[^\"]*|2023[^\"]*", "AT")).isEqualTo("""
                        id: 1
                        event: queued
                        data: {"taskId":"t1","seq":1,"at":"AT","kind":"queued"}

                        id: 2
                        event: progress
                        data: {"taskId":"t1","seq":2,"at":"AT","kind":"progress","event":{"kind":"text","delta":"H\u00e9\\"\\n,}\ud83d\ude00"} }

                        id: 3
                        event: completed
                        data: {"taskId":"t1","seq":3,"at":"AT","kind":"completed","result":{"summary":"3"}}

                        """);
        assertThat(response.body()).contains("\"at\":\"2023-11-14T22:13:20.250Z\"");
    }

    @Test
    void aStreamGoesOnBehindWhatWasSeenAndSaysWhenNothingCanCome() throws Exception {
        progress("{}");
        complete();
        String events = "/api/v1/tasks/t1/events";
        assertThat(server.send("GET", events, null, "Accept", "text/event-stream", "Last-Event-ID", "2")
                        .body())
                .startsWith("id: 3\nevent: completed\n")
                .doesNotContain("id: 2");
        assertThat(server.send("GET", events + "?lastEventId=2", null, SSE).body())
                .startsWith("id: 3\n");
        assertThat(server.send("GET", events, null, "Accept", "text/event-stream", "Last-Event-ID", "3")
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.send("GET", events, null, "Accept", "text/event-stream", "Last-Event-ID", "x")
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void headersComeAtOnceAndSilenceIsKeptAlive() throws Exception {
        HttpResponse<InputStream> response = open("/api/v1/tasks/t1/events?lastEventId=1");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body().readNBytes(4)).isEqualTo(": \n\n".getBytes(StandardCharsets.US_ASCII));
        response.body().close();
    }

    @Test
    void aRetriedTaskStreamsOn() throws Exception {
        complete();
        client.retry("t1");
        BufferedReader reader = lines(open("/api/v1/tasks/t1/events"));
        assertThat(next(reader, "event: retried")).isEqualTo("event: retried");
        complete();
        assertThat(next(reader, "id: 4")).isEqualTo("id: 4");
        assertThat(next(reader, "id: ")).isEqualTo("null");
    }

    @Test
    void eventsAreGivenAsJsonToo() {
        progress("{\"event\":{\"n\":1}}");
        progress("{\"event\":{\"n\":2}}");
        TaskEvents first = client.eventsNow("t1", 1, 1);
        assertThat(first.items()).hasSize(1);
        assertThat(first.items().getFirst()).containsEntry("seq", 2).containsEntry("event", Map.of("n", 1));
        assertThat(first.next()).isEqualTo(2L);
        TaskEvents second = client.eventsNow("t1", 2, 10);
        assertThat(second.items()).hasSize(1);
        assertThat(second.next()).isNull();
        assertThat(client.eventsNow("t1", 3, 10).items()).isEmpty();
    }

    @Test
    void aReaderWhosePlaceIsGoneIsToldSo() throws Exception {
        progress("{}");
        progress("{}");
        complete();
        server.memory.bus.forget(2);
        assertThat(server.send("GET", "/api/v1/tasks/t1/events", null, SSE).body())
                .startsWith("event: lagged\ndata: {\"wanted\":0,\"oldest\":3}\n\nid: 3\n");
        assertThat(client.eventsNow("t1", 0, 10).items())
                .extracting(event -> event.get("seq"))
                .containsExactly(3, 4);
    }

    @Test
    void aStoppedHandlerEndsItsStreamsAndMayStartAgain() throws Exception {
        BufferedReader reader = lines(open("/api/v1/tasks/t1/events"));
        assertThat(next(reader, "id: ")).isEqualTo("id: 1");
        server.rest.stop();
        assertThat(next(reader, "id: ")).isEqualTo("null");
        server.rest.stop();
        server.rest.start();
        complete();
        assertThat(next(lines(open("/api/v1/tasks/t1/events", "Last-Event-ID", "1")), "id: "))
                .isEqualTo("id: 2");
    }

    @Test
    void aChangeOfTheBusIsNotNoticedByReaders() throws Exception {
        BufferedReader reader = lines(open("/api/v1/tasks/t1/events"));
        assertThat(next(reader, "id: ")).isEqualTo("id: 1");
        server.desks.unbindEvents(server.memory.bus);
        progress("{}");
        server.desks.bindEvents(server.memory.bus);
        assertThat(next(reader, "id: ")).isEqualTo("id: 2");
        complete();
        assertThat(next(reader, "id: ")).isEqualTo("id: 3");
        assertThat(next(reader, "id: ")).isEqualTo("null");
    }

    @Test
    void theClientReadsOverABreakWithoutGapOrRepeat() throws Exception {
        try (TaskEventStream events = client.events("t1", 0)) {
            Iterator<TaskEvent> iterator = events.iterator();
            assertThat(iterator.next().seq()).isEqualTo(1);
            server.desks.unbindEvents(server.memory.bus); // longer than the server's patience: the response is cut off
            assertThat(server.send("GET", "/api/v1/tasks/t1/events?limit=1", null)
                            .statusCode())
                    .isEqualTo(503);
            progress("{}");
            complete();
            server.desks.bindEvents(server.memory.bus);
            List<Long> rest = StreamSupport.stream(events.spliterator(), false)
                    .map(TaskEvent::seq)
                    .toList();
            assertThat(rest).containsExactly(2L, 3L);
        }
    }

    @Test
    void allTopicsAreFollowedAsCloudEvents() throws Exception {
        BufferedReader reader = lines(open("/api/v1/events?topic=task/*", "Last-Event-ID", "0"));
        server.memory.bus.publish("viber/box", List.of(new JournalEvent("connected", 0, "{}")));
        progress("{\"event\":{}}");
        assertThat(next(reader, "id: ")).isEqualTo("id: 1");
        assertThat(next(reader, "id: ")).isEqualTo("id: 3");
        assertThat(reader.readLine())
                .isEqualTo("data: {\"specversion\":\"1.0\",\"id\":\"3\",\"source\":\"/api/v1\","
                        + "\"type\":\"dev.viber.task.progress\",\"subject\":\"task/t1\","
                        + "\"time\":\"2023-11-14T22:13:20.250Z\",\"seq\":2,\"datacontenttype\":\"application/json\","
                        + "\"data\":{\"event\":{}}}");
        complete();
        HttpResponse<String> finite = server.send("GET", "/api/v1/events?topic=task/t1&lastEventId=3", null);
        assertThat(finite.body()).startsWith("id: 3\n\nid: 4\ndata: ").endsWith("\n\n");
        assertThat(server.send("GET", "/api/v1/events?topic=task/t1&lastEventId=4", null)
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.send("GET", "/api/v1/events?topic=Task", null).statusCode())
                .isEqualTo(422);
    }

    @Test
    void socketsCarryTheSameEvents() throws Exception {
        BlockingQueue<String> frames = new LinkedBlockingQueue<>();
        WebSocket socket = server.http()
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create(server.root.toString().replace("http", "ws") + "/ws/v1/events?topic=task/*&after=0"),
                        new WebSocket.Listener() {
                            @Override
                            public @Nullable CompletionStage<?> onText(
                                    WebSocket from, CharSequence text, boolean last) {
                                frames.add(text.toString());
                                from.request(1);
                                return null;
                            }

                            @Override
                            public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                                frames.add("closed " + code);
                                return null;
                            }
                        })
                .get(10, TimeUnit.SECONDS);
        assertThat(frames.poll(10, TimeUnit.SECONDS)).contains("\"type\":\"dev.viber.task.queued\"");
        socket.sendText("what?", true).get(10, TimeUnit.SECONDS);
        progress("{}");
        assertThat(frames.poll(10, TimeUnit.SECONDS)).contains("\"id\":\"2\"");
        socket.sendText("x".repeat(64 * 1024 + 1), true).get(10, TimeUnit.SECONDS);
        assertThat(frames.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1009");
    }
}
