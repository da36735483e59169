package dev.viber.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.task.TaskLifecycle.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class RecoveryTest {
    private static final String BOTH_KINDS = """
            name: both
            steps:
              - {id: read, tool: do.again, with: {key: read}}
              - {id: one, tool: do.once, needs: [read], with: {key: "${{ steps.read.result.key }}-one"}}
              - {id: rest, tool: do.once, needs: [one], forEach: "${{ [1, 2] }}", with: {key: "r${{ item }}"}}
              - {id: keep, tool: artifact, needs: [one], with: {name: k.txt, text: kept}}
              - {id: nap, tool: wait, needs: [read], with: {for: 5ms}}
              - {id: last, tool: do.again, needs: [rest, keep, nap], with: {key: last}}
            outputs: {rounds: "${{ steps.rest.result.count }}", one: "${{ steps.one.result.key }}"}
            """;

    @TempDir
    Path folder;

    /** Dies behind every change there is, one after the other, and is taken up by a new agent on the same store. */
    @Test
    void whereverItDiesWhatMustHappenOnceHappensOnceOrIsAskedAbout() throws Exception {
        int deaths = 0;
        for (int k = 0; ; k++) {
            Bench bench = new Bench(Files.createDirectories(folder.resolve("k" + k)));
            try {
                if (!survives(bench, k)) {
                    break;
                }
                deaths++;
            } finally {
                bench.close();
            }
        }
        assertThat(deaths).isGreaterThan(15);
    }

    private static boolean survives(Bench bench, int k) throws Exception {
        Map<String, Integer> effects = new ConcurrentHashMap<>();
        Bench.Body effect = (arguments, context) -> {
            effects.merge((String) arguments.get("key"), 1, Integer::sum);
            return Map.of("key", arguments.get("key"));
        };
        bench.tool("do.again", true, effect);
        bench.tool("do.once", false, effect);
        Bench.Crashing dying = bench.dying(k);
        bench.on(dying).start();
        bench.submit("t1", 1, BOTH_KINDS);
        dying.awaitDeathOr(() -> bench.row("t1").phase().isEnded(), bench);
        bench.kill();
        boolean died = dying.isDead();

        bench.on(bench.store).start();
        for (int asked = 0; asked < 3; asked++) {
            bench.await(tables -> {
                Phase phase = tables.tasks().find("t1").orElseThrow().phase();
                return phase.isEnded() || Bench.open(tables, "t1") != null;
            });
            if (bench.row("t1").phase().isEnded()) {
                break;
            }
            assertThat(bench.question("t1").reason()).startsWith("outcome unknown: ");
            assertThat(bench.question("t1").tool()).isEqualTo("do.once");
            String key = (String) Json.object(bench.question("t1").arguments()).get("key");
            effects.remove(key); // from now on it is the person's to say how often
            bench.decide("t1", true);
        }
        assertThat(bench.ended("t1").phase()).as("died behind change %d", k).isEqualTo(Phase.COMPLETED);
        assertThat(bench.outputs("t1")).isEqualTo(Map.of("rounds", 2L, "one", "read-one"));
        assertThat(effects).containsKeys("read", "read-one", "r1", "r2", "last");
        assertThat(effects.get("read-one")).isEqualTo(1);
        assertThat(effects.get("r1")).isEqualTo(1);
        assertThat(effects.get("r2")).isEqualTo(1);
        assertThat(bench.words("t1").stream().filter("completed"::equals)).hasSize(1);
        assertThat(bench.words("t1").stream().filter("plan"::equals)).hasSize(1);
        assertThat(bench.words("t1").stream().filter("one:completed"::equals)).hasSize(1);
        assertThat(bench.store.<Map<String, String>>read(
                        tables -> tables.values().list("plan/")))
                .isEmpty();
        return died;
    }

    private AtomicInteger cutOff(Bench bench) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch inside = new CountDownLatch(1);
        bench.tool("do.once", false, (arguments, context) -> {
            if (calls.incrementAndGet() == 1) {
                inside.countDown();
                new CountDownLatch(1).await();
            }
            return Map.of();
        });
        bench.start().submit("t1", 1, """
                name: cut
                steps: [{id: a, tool: do.once, with: {key: v}}]
                """);
        inside.await();
        bench.kill();
        assertThat(bench.words("t1")).endsWith("tool-call", "a:started");
        return calls;
    }

    @Test
    void anUnknownOutcomeIsAskedAboutOverRestartsAndDoneAgainIfAllowed() throws Exception {
        Bench bench = new Bench(folder);
        try {
            AtomicInteger calls = cutOff(bench);
            bench.start();
            assertThat(bench.question("t1").id()).isEqualTo("t1.1.a.1");
            assertThat(bench.row("t1").phase()).isEqualTo(Phase.WAITING);
            assertThat(bench.words("t1")).endsWith("a:unknown", "approval");
            assertThat(bench.journal("t1").getLast().data())
                    .isEqualTo(
                            "{\"approvalId\":\"t1.1.a.1\",\"tool\":\"do.once\",\"arguments\":{\"key\":\"v\"},"
                                    + "\"reason\":\"outcome unknown: step a called do.once and was cut off before it answered\"}");
            bench.kill();
            bench.start();
            assertThat(calls).hasValue(1);
            bench.decide("t1", true);
            assertThat(bench.ended("t1").phase()).isEqualTo(Phase.COMPLETED);
            assertThat(calls).hasValue(2);
            assertThat(bench.store.<Integer>read(
                            tables -> tables.approvals().list("t1", 9).size()))
                    .isEqualTo(1);
        } finally {
            bench.close();
        }
    }

    @Test
    void anUnknownOutcomeDeniedFailsItsStep() throws Exception {
        Bench bench = new Bench(folder);
        try {
            AtomicInteger calls = cutOff(bench);
            bench.start();
            bench.decide("t1", false);
            assertThat(bench.ended("t1").error())
                    .startsWith("step a (do.once): outcome unknown")
                    .endsWith("denied by ada");
            assertThat(calls).hasValue(1);
        } finally {
            bench.close();
        }
    }

    @Test
    void anUnknownOutcomeFailsOrIsRetriedByPolicy() throws Exception {
        for (String policy : new String[] {"fail", "retry"}) {
            Bench bench = new Bench(Files.createDirectories(folder.resolve(policy)));
            try {
                AtomicInteger calls = cutOff(bench);
                bench.with("policy_unknown_outcome", policy).start();
                boolean retried = policy.equals("retry");
                assertThat(bench.ended("t1").phase()).isEqualTo(retried ? Phase.COMPLETED : Phase.ERROR);
                assertThat(calls).hasValue(retried ? 2 : 1);
            } finally {
                bench.close();
            }
        }
    }

    @Test
    void aTimerRunsOnWhileNobodyIsThere() throws Exception {
        Bench bench = new Bench(folder);
        try {
            bench.start().submit("t1", 1, """
                    name: nap
                    steps: [{id: a, tool: wait, with: {for: 1s}}]
                    outputs: {until: "${{ steps.a.result.until }}"}
                    """);
            bench.await(tables -> bench.words("t1").contains("a:waiting"));
            String resumeAt = Json.tree(bench.journal("t1").getLast().data())
                    .path("event")
                    .path("resumeAt")
                    .asString("");
            bench.kill();
            bench.start();
            bench.ended("t1");
            assertThat(bench.outputs("t1")).containsEntry("until", resumeAt);
            assertThat(bench.words("t1"))
                    .containsExactly("started", "plan", "a:waiting", "resumed", "a:completed", "completed");
        } finally {
            bench.close();
        }
    }

    @Test
    void whatIsRecoveredWaitsForToolsThatStillStart() throws Exception {
        Bench bench = new Bench(folder).with("tool_patience_ms", 20_000L);
        try {
            bench.start();
            bench.kill();
            bench.put("t1", 1, """
                    name: late
                    steps: [{id: a, tool: come.late}]
                    """);
            bench.start();
            bench.await(tables -> bench.words("t1").contains("plan"));
            bench.tool("come.late", true, (arguments, context) -> Map.of());
            assertThat(bench.ended("t1").error()).isNull();
        } finally {
            bench.close();
        }
    }
}
