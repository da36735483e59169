package dev.viber.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.viber.AgentConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls a person is asked about, answers that are remembered, budgets: each over the death of the agent. */
@NullUnmarked
class ConsentTest {
    private static final Map<String, Object> ASK =
            Map.of("rules", List.of(Map.of("tool", "do.it", "effect", "ask", "reason", "it matters")));
    private static final String TWICE = """
            name: twice
            steps:
              - {id: a, tool: do.it, with: {n: 1}}
              - {id: b, tool: do.it, needs: [a], with: {n: 2}}
            """;

    @TempDir
    Path folder;

    private Bench bench;
    private final AtomicInteger calls = new AtomicInteger();

    @BeforeEach
    void open() {
        bench = new Bench(folder);
        bench.tool("do.it", false, (arguments, context) -> {
            calls.incrementAndGet();
            return Map.of();
        });
    }

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    private Bench with(Map<String, Object> policy) {
        return bench.with("policy", Json.write(policy)).start();
    }

    private void decide(String taskId, boolean allow, String remember) throws Exception {
        ApprovalRow open = bench.question(taskId);
        bench.store
                .write(tables -> {
                    tables.values().put("remember/" + taskId + "/" + open.id(), remember);
                    return true;
                })
                .getValue();
        bench.decide(taskId, allow);
    }

    @Test
    void nothingIsDoneBeforeTheAnswerThoughTheAgentDiesAndOnceAfterIt() throws Exception {
        with(ASK).submit("t1", 1, TWICE);
        ApprovalRow asked = bench.question("t1");
        assertThat(asked.reason()).isEqualTo("it matters");
        assertThat(asked.arguments()).isEqualTo("{\"n\":1}");
        bench.kill();
        bench.start();
        bench.decide("t1", true);
        bench.await(tables -> {
            ApprovalRow next = Bench.open(tables, "t1");
            return next != null && !next.id().equals(asked.id());
        });
        assertThat(calls).hasValue(1);
        bench.decide("t1", true);
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(calls).hasValue(2);
    }

    /** Dies behind every change there is: asked once, called once. */
    @Test
    void whereverItDiesItAsksOnceAndCallsOnce() throws Exception {
        int deaths = 0;
        for (int k = 0; ; k++) {
            Bench each = new Bench(Files.createDirectories(folder.resolve("k" + k)));
            each.with("policy", Json.write(ASK));
            AtomicInteger made = new AtomicInteger();
            each.tool("do.it", true, (arguments, context) -> {
                made.incrementAndGet();
                return Map.of();
            });
            try {
                Bench.Crashing dying = each.dying(k);
                each.on(dying).start();
                each.submit("t1", 1, "name: one\nsteps: [{id: a, tool: do.it, with: {n: 1}}]");
                each.await(tables -> dying.isDead() || Bench.open(tables, "t1") != null);
                if (!dying.isDead()) {
                    each.decide("t1", true);
                    dying.awaitDeathOr(() -> each.row("t1").phase().isEnded(), each);
                }
                each.kill();
                boolean died = dying.isDead();
                each.on(each.store).start();
                each.await(tables ->
                        tables.tasks().find("t1").orElseThrow().phase().isEnded() || Bench.open(tables, "t1") != null);
                if (!each.row("t1").phase().isEnded()) {
                    each.decide("t1", true);
                }
                assertThat(each.ended("t1").phase())
                        .as("died behind change %d", k)
                        .isEqualTo(Phase.COMPLETED);
                assertThat(each.store.<List<ApprovalRow>>read(
                                tables -> tables.approvals().list("t1", 10)))
                        .as("died behind change %d", k)
                        .hasSize(1);
                assertThat(made.get())
                        .as("an idempotent call may be made again")
                        .isBetween(1, 2);
                if (!died) {
                    break;
                }
                deaths++;
            } finally {
                each.close();
            }
        }
        assertThat(deaths).isGreaterThan(6);
    }

    @Test
    void anAnswerIsRememberedForItsTaskOnly() throws Exception {
        with(ASK).submit("t1", 1, TWICE);
        decide("t1", true, "task");
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        bench.submit("t2", 1, TWICE);
        assertThat(bench.question("t2").taskId()).isEqualTo("t2");
        assertThat(bench.store.<Map<String, String>>read(
                        tables -> tables.values().list("remembered/")))
                .isEmpty();
    }

    @Test
    void anAnswerIsRememberedForTheViberOverRestarts() throws Exception {
        with(ASK).submit("t1", 1, TWICE);
        decide("t1", false, "viber");
        assertThat(bench.ended("t1").error()).contains("it matters; denied by ada");
        bench.kill();
        bench.start().submit("t2", 1, TWICE);
        assertThat(bench.ended("t2").error()).contains("it matters; denied, as was remembered");
        assertThat(calls).hasValue(0);
    }

    @Test
    void aStepMayAskByItself() throws Exception {
        bench.start().submit("t1", 1, """
                name: asks
                steps: [{id: a, tool: log, with: {message: hi}, ask: "Say it?"}]
                """);
        assertThat(bench.question("t1").reason()).isEqualTo("Say it?");
        bench.decide("t1", true);
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
    }

    @Test
    void whenTheTimeIsOverThePolicyAnswers() throws Exception {
        with(Map.of("rules", ASK.get("rules"), "approval", Map.of("timeout", "50ms", "onTimeout", "allow")))
                .submit("t1", 1, TWICE);
        assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(bench.words("t1")).contains("approval", "decided");
        bench.agent.configure(new AgentConfig(
                null,
                null,
                null,
                null,
                null,
                Map.of("approval", Map.of("timeout", "50ms", "onTimeout", "fail")),
                null));
        bench.submit("t2", 1, """
                name: goes on
                steps: [{id: a, tool: do.it, onError: continue, with: {n: 1}}]
                """);
        assertThat(bench.ended("t2").error()).isEqualTo("step a: nobody answered in time: it matters");
    }

    @Test
    void aRuleOfTheVibersOwnCannotBeTakenAwayFromAfar() throws Exception {
        with(Map.of("rules", List.of(Map.of("tool", "do.*", "effect", "deny"))));
        bench.agent.configure(new AgentConfig(
                null, null, null, null, null, Map.of("rules", List.of(Map.of("tool", "*", "effect", "allow"))), null));
        bench.submit("t1", 1, TWICE);
        assertThat(bench.ended("t1").error()).contains("the policy denies this call of do.it");
        assertThat(calls).hasValue(0);
    }

    @Test
    void aToolThatDeclaresToTouchNoFilesGetsNoFolder() throws Exception {
        bench.tool(
                "nosy.look",
                true,
                (arguments, context) -> Map.of("in", context.workspace().toString()));
        bench.start().submit("t1", 1, "name: nosy\nsteps: [{id: a, tool: nosy.look}]");
        assertThat(bench.ended("t1").error()).contains("nosy.look declares to touch no files");
    }

    @Test
    void anArtifactComesFromTheWorkspaceAlone() throws Exception {
        Path outside = Files.writeString(folder.resolveSibling("outside-" + folder.getFileName()), "secret");
        Files.createSymbolicLink(folder.resolve("link"), outside);
        bench.start();
        int n = 0;
        for (String path : List.of("link", "../" + outside.getFileName(), outside.toString())) {
            String id = "t" + ++n;
            bench.submit(
                    id, 1, "name: out\nsteps: [{id: a, tool: artifact, with: {name: x, path: '%s'}}]".formatted(path));
            assertThat(bench.ended(id).error()).as(path).contains("leads out of the workspace");
        }
        Files.delete(outside);
    }

    @Test
    void aBudgetOfCallsIsCountedOverADeath() throws Exception {
        with(Map.of("budget", Map.of("toolCalls", 2))).submit("t1", 1, """
                name: many
                steps:
                  - {id: a, tool: do.it}
                  - {id: b, tool: do.it, needs: [a]}
                  - {id: nap, tool: wait, needs: [b], with: {for: 300ms}}
                  - {id: c, tool: do.it, needs: [nap], onError: continue}
                """);
        bench.await(tables -> bench.words("t1").contains("nap:waiting"));
        bench.kill();
        bench.start();
        assertThat(bench.ended("t1").error())
                .startsWith("out of budget: step c was to call do.it; the limit of toolCalls is 2, spent were 4 steps");
        assertThat(calls).hasValue(2);
        Map<String, Object> last = Json.object(bench.journal("t1").getLast().data());
        assertThat(last).containsEntry("budget", "toolCalls");
    }

    @Test
    void aBudgetOfTimeOrStepsEndsTheTask() throws Exception {
        with(Map.of("budget", Map.of("wall", "200ms")))
                .submit("t1", 1, "name: nap\nsteps: [{id: nap, tool: wait, with: {for: 1h}}]");
        assertThat(bench.ended("t1").error())
                .startsWith("out of budget: its time is over; the limit of seconds is 0.2");
        bench.agent.configure(
                new AgentConfig(null, null, null, null, null, Map.of("budget", Map.of("steps", 3)), null));
        bench.submit("t2", 1, """
                name: rounds
                steps: [{id: a, tool: do.it, forEach: "${{ 1..10 }}", onError: continue}]
                """);
        assertThat(bench.ended("t2").error()).startsWith("out of budget: step a[");
        assertThat(calls.get()).isLessThanOrEqualTo(3);
    }
}
