package dev.viber.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.tool.ToolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class PlanRunTest {
    @TempDir
    Path folder;

    private Bench bench;
    private final List<Object> said = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void open() {
        bench = new Bench(folder);
        bench.tool("say.it", true, (arguments, context) -> {
            said.add(arguments.get("what"));
            return Map.of("said", arguments.get("what"));
        });
        bench.tool("say.no", false, (arguments, context) -> {
            throw new ToolException("no way");
        });
    }

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    @Test
    void stepsRunInTheOrderOfTheirNeedsAndPassResultsOn() throws Exception {
        bench.start().submit("t1", 1, """
                name: chain
                steps:
                  - {id: c, tool: say.it, needs: [b], with: {what: "${{ steps.b.result.said }}c"}}
                  - {id: a, tool: say.it, with: {what: a}}
                  - {id: b, tool: say.it, needs: [a], with: {what: "${{ steps.a.result.said }}b"}}
                outputs: {all: "${{ steps.c.result.said }}", state: "${{ steps.a.state }}", task: "${{ task.id }}"}
                """);

        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(said).containsExactly("a", "ab", "abc");
        assertThat(bench.outputs("t1")).isEqualTo(Map.of("all", "abc", "state", "completed", "task", "t1"));
        assertThat(bench.row("t1").result())
                .contains("chain: 3 steps completed")
                .contains("\"spaceId\":\"t1\"");
        assertThat(bench.words("t1"))
                .containsExactly(
                        "started",
                        "plan", //
                        "tool-call",
                        "a:started",
                        "tool-result",
                        "a:completed", //
                        "tool-call",
                        "b:started",
                        "tool-result",
                        "b:completed", //
                        "tool-call",
                        "c:started",
                        "tool-result",
                        "c:completed", //
                        "completed");
    }

    @Test
    void stepsWithoutNeedsMeetEachOther() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        bench.tool("meet.other", true, (arguments, context) -> {
            both.countDown();
            return Map.of("met", both.await(20, TimeUnit.SECONDS));
        });
        bench.start().submit("t1", 1, """
                name: meet
                steps:
                  - {id: a, tool: meet.other}
                  - {id: b, tool: meet.other}
                outputs: {met: "${{ steps.a.result.met && steps.b.result.met }}"}
                """);

        bench.ended("t1");
        assertThat(bench.outputs("t1")).containsEntry("met", true);
    }

    @Test
    void noMoreCallsAtOnceThanConfigured() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        bench.tool("count.inside", true, (arguments, context) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            assertThat(new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS)).isFalse();
            inside.decrementAndGet();
            return Map.of("index", arguments.get("index"));
        });
        bench.with("steps_parallel", 2).start().submit("t1", 1, """
                name: many
                steps:
                  - id: all
                    tool: count.inside
                    forEach: "${{ [1,2,3,4,5,6,7,8,9,10] }}"
                    with: {index: "${{ index }}", item: "${{ item }}"}
                outputs: {count: "${{ steps.all.result.count }}", third: "${{ steps.all.result.items[2].index }}"}
                """);

        assertThat(bench.ended("t1").error()).isNull();
        assertThat(most.get()).isBetween(1, 2);
        assertThat(bench.outputs("t1")).isEqualTo(Map.of("count", 10L, "third", 2L));
        assertThat(bench.words("t1")).contains("all:started", "all[0]:completed", "all[9]:completed", "all:completed");
    }

    @Test
    void aFalseConditionSkipsAndDependantsRun() throws Exception {
        bench.start().submit("t1", 1, """
                name: cond
                steps:
                  - {id: a, tool: say.it, if: "${{ 1 > 2 }}", with: {what: a}}
                  - {id: b, tool: say.it, needs: [a], with: {what: "${{ steps.a.state }}"}}
                """);

        assertThat(bench.ended("t1").result()).contains("1 step completed, 1 skipped");
        assertThat(said).containsExactly("skipped");
    }

    @Test
    void aFailureFailsTheTaskAndNamesStepToolAndReason() throws Exception {
        bench.start().submit("t1", 1, """
                name: bad
                steps:
                  - {id: a, tool: say.no}
                  - {id: b, tool: say.it, needs: [a], with: {what: b}}
                """);

        assertThat(bench.ended("t1").error()).isEqualTo("step a (say.no): no way");
        assertThat(bench.row("t1").phase()).isEqualTo(Phase.ERROR);
        assertThat(bench.words("t1")).endsWith("tool-result", "a:failed", "error");
        assertThat(said).isEmpty();
    }

    @Test
    void continueGoesOnAndShowsTheError() throws Exception {
        bench.start().submit("t1", 1, """
                name: goon
                steps:
                  - {id: a, tool: say.no, onError: continue}
                  - {id: b, tool: say.it, needs: [a], with: {what: "${{ steps.a.state }}: ${{ steps.a.error }}"}}
                """);

        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(said).containsExactly("failed: no way");
    }

    @Test
    void askWaitsForAPersonWithoutASlot() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        bench.tool("try.it", false, (arguments, context) -> {
            if (calls.incrementAndGet() < 3) {
                throw new ToolException("not yet");
            }
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: askme
                steps:
                  - {id: a, tool: try.it, onError: ask, with: {k: 1}}
                """);

        assertThat(bench.question("t1").reason()).isEqualTo("step a failed: not yet");
        assertThat(bench.row("t1").phase()).isEqualTo(Phase.WAITING);
        bench.decide("t1", true);
        bench.await(tables -> tables.approvals().list("t1", 9).size() == 2);
        bench.decide("t1", true);
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);

        calls.set(0);
        bench.submit("t2", 1, """
                name: askme
                steps:
                  - {id: a, tool: try.it, onError: ask}
                """);
        bench.decide("t2", false);
        assertThat(bench.ended("t2").error()).contains("step a (try.it)").contains("denied by ada");
    }

    @Test
    void retriesWithBackOffThenSucceeds() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        bench.tool("try.it", false, (arguments, context) -> {
            if (calls.incrementAndGet() < 3) {
                throw new ToolException("not yet");
            }
            return Map.of("calls", calls.get());
        });
        bench.start().submit("t1", 1, """
                name: again
                steps:
                  - {id: a, tool: try.it, retry: {times: 2, backoff: 10ms}}
                outputs: {calls: "${{ steps.a.result.calls }}"}
                """);

        bench.ended("t1");
        assertThat(bench.outputs("t1")).containsEntry("calls", 3L);
        assertThat(bench.words("t1").stream().filter("a:retrying"::equals)).hasSize(2);
    }

    @Test
    void aCallOutOfTimeIsInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        bench.tool("hang.on", false, (arguments, context) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                assertThat(context.isCancelled()).isTrue();
                interrupted.countDown();
                throw e;
            }
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: hang
                steps:
                  - {id: a, tool: hang.on, timeout: 50ms}
                """);

        assertThat(bench.ended("t1").error()).isEqualTo("step a (hang.on): timed out after 50 ms");
        assertThat(interrupted.getCount()).isZero();
    }

    @Test
    void aWaitOutOfTimeFails() throws Exception {
        bench.start().submit("t1", 1, """
                name: late
                steps:
                  - {id: a, tool: wait, timeout: 20ms, with: {for: 1h}, onError: continue}
                  - {id: b, tool: wait, timeout: 20ms, with: {until: "2999-01-01T00:00:00Z"}, onError: continue}
                  - {id: c, tool: wait, timeout: 1h, with: {for: 20ms}}
                outputs: {a: "${{ steps.a.error }}", b: "${{ steps.b.error }}"}
                """);

        assertThat(bench.ended("t1").error()).isNull();
        assertThat(bench.outputs("t1")).isEqualTo(Map.of("a", "timed out after 20 ms", "b", "timed out after 20 ms"));
    }

    @Test
    void argumentsAreFittedToTheSchemaAndChecked() throws Exception {
        bench.tool("want.text", true, """
                {"type":"object","required":["text"],"additionalProperties":false,
                 "oneOf":[{"required":["n"]},{"required":["m"]}],
                 "properties":{"text":{"type":"string"},"n":{"type":"integer"},"m":{"type":"integer"}}}""", (arguments, context) -> {
            said.add(arguments);
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: fit
                steps:
                  - {id: a, tool: want.text, with: {text: "${{ 1 + 2 }}", n: 5}}
                """);
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(said).containsExactly(Map.of("text", "3", "n", 5L));

        bench.submit("t2", 1, """
                name: misfit
                steps:
                  - {id: a, tool: want.text, with: {n: many}, retry: {times: 3, backoff: 1h}}
                """);
        assertThat(bench.ended("t2").error())
                .startsWith("step a (want.text): arguments of want.text: ")
                .contains("required property 'text' not found")
                .contains("/n: string found, integer expected")
                .doesNotContain(": :");

        bench.submit("t3", 1, """
                name: both
                steps:
                  - {id: a, tool: want.text, with: {text: x, n: 1, m: 2}}
                """);
        assertThat(bench.ended("t3").error())
                .isEqualTo("step a (want.text): arguments of want.text: wanted exactly one of n, m");
    }

    @Test
    void whatIsNotThereIsNamed() throws Exception {
        bench.start().submit("t1", 1, """
                name: none
                steps: [{id: a, tool: no.such}]
                """);
        bench.submit("t2", 1, "");

        assertThat(bench.ended("t1").error()).contains("there is no tool no.such; there are say.it, say.no");
        assertThat(bench.ended("t2").error()).contains("model").contains("viber run -f FILE");
    }

    @Test
    void builtInsLogAndKeepArtifacts() throws Exception {
        bench.start().submit("t1", 1, """
                name: keep
                steps:
                  - {id: a, tool: log, with: {message: hello, level: warn}}
                  - {id: b, tool: artifact, with: {name: todos.txt, text: "3 left"}}
                  - {id: c, tool: wait, with: {for: 5ms}}
                """);

        assertThat(bench.ended("t1").error()).isNull();
        assertThat(Files.readString(folder.resolve(".viber/spaces/t1/artifacts/todos.txt")))
                .isEqualTo("3 left");
        assertThat(bench.words("t1")).contains("log", "artifact", "c:waiting", "c:completed");
        assertThat(bench.row("t1").result()).contains("\"name\":\"todos.txt\"").contains("\"bytes\":6");

        bench.submit("t2", 1, """
                name: out
                steps:
                  - {id: b, tool: artifact, with: {name: ../x, text: "3 left"}}
                """);
        assertThat(bench.ended("t2").error()).contains("artifact name '../x'");
    }

    @Test
    void messagesAreTakenInOrderAndSeen() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        bench.tool("hold.on", true, (arguments, context) -> {
            go.await();
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: hear
                steps:
                  - {id: a, tool: hold.on}
                outputs: {first: "${{ messages[0].message }}", last: "${{ messages[1].message }}"}
                """);
        bench.reached("t1", Phase.RUNNING::equals);
        bench.say("t1", 9, "nine");
        bench.await(tables -> tables.values().list("message/").isEmpty());
        bench.say("t1", 10, "ten");
        bench.await(tables -> tables.values().list("message/").isEmpty());
        go.countDown();

        bench.ended("t1");
        assertThat(bench.outputs("t1")).isEqualTo(Map.of("first", "nine", "last", "ten"));
        assertThat(bench.words("t1").stream().filter("message"::equals)).hasSize(2);
    }

    @Test
    void progressIsBoundedAndSaysWhatWasDropped() throws Exception {
        bench.tool("talk.much", true, (arguments, context) -> {
            for (int i = 0; i < 5_000; i++) {
                context.progress(Map.of("i", i));
            }
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: talk
                steps: [{id: a, tool: talk.much}]
                """);

        bench.ended("t1");
        assertThat(bench.words("t1").stream().filter("tool-output"::equals).count())
                .isBetween(51L, 1_000L);
        assertThat(bench.journal("t1")).anyMatch(event -> event.data().contains("\"dropped\":"));
    }

    @Test
    void aResultTooLargeFailsItsStep() throws Exception {
        bench.tool("give.much", true, (arguments, context) -> Map.of("text", "x".repeat(1 << 20)));
        bench.start().submit("t1", 1, """
                name: big
                steps: [{id: a, tool: give.much}]
                """);

        assertThat(bench.ended("t1").error()).contains("result of 1048587 bytes: wanted at most 1048576");
    }
}
