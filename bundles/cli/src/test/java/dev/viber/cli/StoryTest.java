package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.task.Task;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoryTest {
    private static final Instant BEGAN = Instant.parse("2026-11-25T08:00:00Z");

    private static Task task(String status, String phase, String error) {
        return new Task(
                "t1",
                "Count the TODOs of all that lies in the workspace, and write down how many there are, in a file of its own",
                "box",
                status,
                phase,
                1,
                BEGAN,
                BEGAN.plusMillis(60),
                BEGAN.plusSeconds(64),
                null,
                error,
                List.of(Map.of("name", "todos.txt", "type", "text/plain", "bytes", 6, "sha256", "x")),
                Map.of("steps", 3, "toolCalls", 4, "seconds", 63.9, "budget", Map.of("toolCalls", 20)),
                20,
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                null);
    }

    private static Map<String, Object> event(long seq, long ms, String json) {
        Map<String, Object> event = Json.object(json);
        event.put("seq", seq);
        event.put("at", BEGAN.plusMillis(ms).toString());
        return event;
    }

    private static Story story(Task task) {
        Story story = new Story(task);
        long seq = 0;
        story.add(event(++seq, 0, "{'kind':'queued','by':'ann'}".replace('\'', '"')));
        for (String line : """
                12 {'kind':'dispatched','viberId':'box','attempt':1,'why':'the one with room; 0 of 4 slots taken'}
                60 {'kind':'started','spaceId':'t1'}
                70 {'kind':'progress','event':{'kind':'plan','name':'count','steps':[{'id':'find','tool':'search.text','needs':[]},{'id':'each','tool':'file.read','needs':[]},{'id':'note','tool':'file.write','needs':['find']},{'id':'tell','tool':'log','needs':['note']}]}}
                80 {'kind':'progress','event':{'kind':'tool-call','callId':'find.1','step':'find','tool':'search.text','arguments':{'token':'hunter2'}}}
                80 {'kind':'progress','event':{'kind':'step','step':'find','state':'started','attempt':1}}
                900 {'kind':'progress','event':{'kind':'step','step':'find','state':'retrying','attempt':1,'error':'disk asleep','resumeAt':'2026-11-25T08:00:02Z'}}
                4000 {'kind':'reconnected','viberId':'box','seconds':2.5}
                4010 {'kind':'progress','event':{'kind':'resumed','steps':1,'openCalls':1}}
                4020 {'kind':'progress','event':{'kind':'tool-call','callId':'find.2','step':'find','tool':'search.text','arguments':{}}}
                4020 {'kind':'progress','event':{'kind':'step','step':'find','state':'started','attempt':2}}
                4100 {'kind':'progress','event':{'kind':'step','step':'find','state':'completed','attempt':2,'result':{'secret':'hunter2'}}}
                4101 {'kind':'progress','event':{'kind':'step','step':'each[0]','state':'started','attempt':1}}
                4102 {'kind':'progress','event':{'kind':'step','step':'each[0]','state':'completed','attempt':1}}
                4103 {'kind':'progress','event':{'kind':'step','step':'each','state':'completed','attempt':1}}
                4200 {'kind':'waiting','approvalId':'q1','tool':'file.write','arguments':{},'reason':'note file.write todos.txt'}
                63000 {'kind':'decided','approvalId':'q1','allow':false,'by':'bob'}
                64000 {'kind':'progress','event':{'kind':'step','step':'note','state':'failed','attempt':1,'error':'denied by bob'}}
                64000 {'kind':'error','error':'step note failed: denied by bob'}
                """.lines().toList()) {
            int space = line.indexOf(' ');
            long ms = Long.parseLong(line.substring(0, space));
            story.add(event(++seq, ms, line.substring(space + 1).replace('\'', '"')));
        }
        return story;
    }

    @Test
    void aPageTellsTheWholeStoryInEightyColumns() {
        List<String> lines =
                new StoryPage(story(task("error", "error", "step note failed: denied by bob")), ZoneOffset.UTC).lines();
        String page = String.join("\n", lines);
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        assertThat(page)
                .contains("state     error, after 1 min 4 s")
                .contains("asked     2026-11-25 08:00:00 Z, by ann")
                .contains("viber     box, the one with room; 0 of 4 slots taken")
                .contains("waited    12 ms for a viber")
                .contains("spent     3 steps, 4 of 20 tool calls, 63.9 seconds")
                .contains("trace     4bf92f3577b34da6a3ce929d0e0e4736")
                .contains("✓ find  search.text       4.0 s  2 calls, 1 retry")
                .contains("✓ each  file.read          2 ms  1 round")
                .contains("✗ note  file.write")
                .contains("· tell  log")
                .contains("+900 ms  step find failed and is tried again: disk asleep")
                .contains("+4.0 s  viber box was away for 2.5 s and is back")
                .contains("+4.0 s  the viber was restarted and goes on, 1 call cut off")
                .contains("asks: note file.write todos.txt")
                .contains("+1 min 3 s  denied by bob after 58.8 s")
                .contains("todos.txt  text/plain, 6 bytes")
                .endsWith("Next\n  viber task retry t1")
                .doesNotContain("hunter2");
    }

    @Test
    void theSameAsData() {
        Map<String, Object> data =
                Json.object(Json.write(story(task("error", "error", "no")).data()));
        assertThat(data)
                .containsEntry("askedBy", "ann")
                .containsEntry("traceId", "4bf92f3577b34da6a3ce929d0e0e4736")
                .containsEntry("waitedSeconds", 0.012)
                .containsEntry("restarts", 1)
                .containsEntry("reconnects", 1)
                .containsEntry("next", List.of("viber task retry t1"));
        assertThat(Json.write(data))
                .contains(
                        "\"step\":\"find\",\"tool\":\"search.text\",\"state\":\"completed\",\"calls\":2,\"retries\":1")
                .contains("\"id\":\"q1\",\"tool\":\"file.write\"")
                .contains("\"allowed\":false,\"by\":\"bob\"")
                .doesNotContain("hunter2");
    }

    @Test
    void whatIsMissingIsNotMadeUp() {
        Story queued = new Story(new Task(
                "t2",
                "g",
                null,
                "pending",
                "queued",
                0,
                BEGAN,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                1,
                null,
                "no viber is connected"));
        queued.add(event(1, 0, "{\"kind\":\"queued\"}"));
        queued.add(event(2, 0, "{\"kind\":\"of-a-later-version\"}"));
        String page = String.join("\n", new StoryPage(queued, ZoneOffset.UTC).lines());
        assertThat(page)
                .contains("waits for no viber is connected")
                .doesNotContain("null")
                .doesNotContain("Steps")
                .doesNotContain("trace");
    }
}
