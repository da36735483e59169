package dev.viber.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.tool.Tool;
import dev.viber.api.viber.AgentConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class OrdersTest {
    private static final String HOLD = """
            name: hold
            steps: [{id: a, tool: hold.on, with: {task: "${{ task.id }}"}}]
            """;

    @TempDir
    Path folder;

    private Bench bench;
    private final List<Object> begun = Collections.synchronizedList(new ArrayList<>());
    private final BlockingQueue<Object> inside = new LinkedBlockingQueue<>();
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger interrupted = new AtomicInteger();

    @BeforeEach
    void open() {
        bench = new Bench(folder);
        bench.tool("hold.on", false, (arguments, context) -> {
            begun.add(arguments.get("task"));
            inside.add(arguments.get("task"));
            try {
                go.await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
                throw e;
            }
            return Map.of();
        });
    }

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    private void awaitCall(String id) throws Exception {
        assertThat(inside.poll(30, TimeUnit.SECONDS)).isEqualTo(id);
    }

    @Test
    void aRunningTaskIsStopped() throws Exception {
        bench.start().submit("t1", 1, HOLD);
        awaitCall("t1");
        bench.stop("t1");

        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.STOPPED);
        assertThat(bench.journal("t1").getLast().kind()).isEqualTo("error");
        assertThat(bench.journal("t1").getLast().data()).isEqualTo("{\"error\":\"stopped\"}");
    }

    @Test
    void aTaskNotBegunAndOneThatWaitsAreStopped() throws Exception {
        bench.tool("say.no", true, (arguments, context) -> {
            throw new dev.viber.api.tool.ToolException("no");
        });
        bench.with("capacity", 1).start();
        bench.submit("t1", 1, """
                name: ask
                steps: [{id: a, tool: say.no, onError: ask}]
                """);
        bench.question("t1");
        bench.submit("t2", 1, HOLD);
        awaitCall("t2");
        bench.submit("t3", 1, HOLD);
        bench.stop("t3");
        bench.stop("t1");

        assertThat(bench.ended("t3").phase()).isEqualTo(Phase.STOPPED);
        assertThat(bench.words("t3")).containsExactly("error");
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.STOPPED);
        assertThat(bench.store.<String>read(
                        tables -> tables.approvals().list("t1", 9).getFirst().state()))
                .isEqualTo("void");
        go.countDown();
        assertThat(bench.ended("t2").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(begun).containsExactly("t2");
    }

    @Test
    void aStopFoundAtStartIsConfirmed() throws Exception {
        bench.start().submit("t1", 1, HOLD);
        awaitCall("t1");
        bench.kill();
        bench.stop("t1");
        bench.start();

        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.STOPPED);
        assertThat(begun).hasSize(1);
    }

    @Test
    void aHigherAttemptEndsTheEarlierOneWithoutATrace() throws Exception {
        bench.start().submit("t1", 1, HOLD);
        awaitCall("t1");
        bench.submit("t1", 2, """
                name: second
                steps: [{id: b, tool: log, with: {message: second}}]
                """);

        assertThat(bench.ended("t1").attempt()).isEqualTo(2);
        assertThat(interrupted).hasValue(1);
        assertThat(bench.words("t1"))
                .containsExactly("started", "plan", "b:started", "log", "b:completed", "completed");
    }

    @Test
    void aNewerAttemptFencesEvenWhereNobodyWokeTheAgent() throws Exception {
        bench.start().submit("t1", 1, HOLD);
        awaitCall("t1");
        bench.put("t1", 2, HOLD);
        go.countDown();

        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(bench.words("t1"))
                .containsExactly(
                        "started", "plan", "tool-call", "a:started", "tool-result", "a:completed", "completed");
    }

    @Test
    void aDiscardedTaskIsLetGo() throws Exception {
        bench.start().submit("t1", 1, HOLD);
        awaitCall("t1");
        bench.store
                .write(tables -> {
                    tables.tasks().delete("t1");
                    return true;
                })
                .getValue();
        bench.agent.wake("t1");
        bench.submit("t2", 1, """
                name: other
                steps: [{id: b, tool: log, with: {message: other}}]
                """);

        bench.ended("t2");
        bench.agent.drain(Duration.ofSeconds(20));
        assertThat(interrupted).hasValue(1);
        assertThat(bench.words("t1")).isEmpty();
        assertThat(bench.agent.busy()).isZero();
    }

    @Test
    void noMoreTasksAtOnceThanTheCapacityOldestFirst() throws Exception {
        bench.with("capacity", 1).start();
        bench.submit("t3", 1, HOLD);
        awaitCall("t3");
        bench.submit("t2", 1, HOLD);
        bench.submit("t1", 1, HOLD);
        bench.agent.wake("t3");

        assertThat(bench.agent.busy()).isEqualTo(1);
        assertThat(bench.agent.running()).isEqualTo(Set.of("t3"));
        assertThat(bench.row("t2").phase()).isEqualTo(Phase.DISPATCHED);
        go.countDown();
        bench.ended("t1");
        bench.ended("t2");
        assertThat(begun).containsExactly("t3", "t2", "t1");
    }

    @Test
    void aToolIsSwappedUnderLoadWithoutAFailure() throws Exception {
        Tool[] current = {bench.tool("swap.me", true, (arguments, context) -> Map.of("version", 0))};
        bench.with("tool_patience_ms", 20_000L).start().submit("t1", 1, """
                name: swap
                steps:
                  - {id: a, tool: swap.me, forEach: "${{ 1..300 }}"}
                outputs: {count: "${{ steps.a.result.count }}", last: "${{ steps.a.result.items[299].version }}"}
                """);
        for (int version = 1; !bench.row("t1").phase().isEnded(); version++) {
            int now = version;
            Tool gone = current[0];
            bench.forget(gone);
            bench.agent.removeTool(gone);
            current[0] = bench.tool("swap.me", true, (arguments, context) -> Map.of("version", now));
        }

        assertThat(bench.ended("t1").error()).isNull();
        assertThat(bench.outputs("t1")).containsEntry("count", 300L);
    }

    @Test
    void aRemovedToolIsLeftOnlyWhenItsCallsAreDone() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Tool tool = bench.tool("slow.one", false, (arguments, context) -> {
            inside.countDown();
            go.await();
            begun.add("ended");
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: slow
                steps: [{id: a, tool: slow.one}]
                """);
        inside.await();
        Thread remover = Thread.ofVirtual().start(() -> {
            bench.agent.removeTool(tool);
            begun.add("removed");
        });
        go.countDown();
        remover.join();

        assertThat(begun).containsExactly("ended", "removed");
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
    }

    @Test
    void theHighestRankingToolOfANameServes() throws Exception {
        bench.start();
        Tool low = bench.tool("rank.it", true, (arguments, context) -> Map.of("who", "low"));
        Tool high = bench.tool("rank.it", true, (arguments, context) -> Map.of("who", "high"));
        bench.agent.removeTool(low);
        bench.agent.removeTool(high);
        bench.agent.addTool(high, Map.of("service.ranking", 5, "service.id", 9L));
        bench.agent.addTool(low, Map.of("service.ranking", 1, "service.id", 8L));
        String playbook = """
                name: rank
                steps: [{id: a, tool: rank.it}]
                outputs: {who: "${{ steps.a.result.who }}"}
                """;
        bench.submit("t1", 1, playbook);
        bench.ended("t1");
        bench.agent.removeTool(high);
        bench.submit("t2", 1, playbook);
        bench.ended("t2");

        assertThat(bench.outputs("t1")).containsEntry("who", "high");
        assertThat(bench.outputs("t2")).containsEntry("who", "low");
    }

    @Test
    void drainingLetsCallsEndAndTheRestResumesLater() throws Exception {
        bench.start().submit("t1", 1, """
                name: two
                steps:
                  - {id: a, tool: hold.on, with: {task: a}}
                  - {id: b, tool: hold.on, needs: [a], with: {task: b}}
                """);
        awaitCall("a");
        Agent leaving = bench.agent;
        CountDownLatch draining = new CountDownLatch(1);
        Thread drain = Thread.ofVirtual().start(() -> {
            draining.countDown();
            try {
                leaving.drain(Duration.ofSeconds(20));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        draining.await();
        while (!leaving.isDraining()) {
            Thread.onSpinWait();
        }
        go.countDown();
        drain.join();
        assertThat(begun).containsExactly("a");
        assertThat(bench.words("t1")).endsWith("tool-result", "a:completed");

        bench.start();
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(begun).containsExactly("a", "b");
        assertThat(interrupted).hasValue(0);
    }

    @Test
    void configurationAppliesAtOnceOrNotAtAll() throws Exception {
        int began = bench.start().agent.capacity();
        bench.agent.configure(
                new AgentConfig(null, 7, null, null, Map.of("hold.on", Map.of("enabled", false)), null, null));
        assertThat(bench.agent.capacity()).isEqualTo(7);
        bench.submit("t1", 1, HOLD);
        assertThat(bench.ended("t1").error()).isEqualTo("step a (hold.on): tool hold.on is disabled by configuration");

        assertThatThrownBy(() -> bench.agent.configure(
                        new AgentConfig(null, 9, null, null, null, Map.of("unknownOutcome", "guess"), null)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("ask, retry, fail");
        assertThat(bench.agent.capacity()).isEqualTo(7);

        bench.agent.configure(new AgentConfig(null, null, null, null, null, null, null));
        assertThat(bench.agent.capacity())
                .as("what is configured no longer is as it began")
                .isEqualTo(began);
    }
}
