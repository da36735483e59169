package dev.viber.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.tool.Touches;
import dev.viber.api.tool.Touches.Access;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class PolicyTest {
    private static final Touches BOTH = Touches.reading("source").and(Touches.writing("destination"));

    @TempDir
    Path workspace;

    private static Policy policy(Map<String, Object> own, Map<String, Object> told) {
        return Policy.of("ask", own, told);
    }

    private static Policy rules(Object... rules) {
        return policy(Map.of("rules", List.of(rules)), Map.of());
    }

    private Effect judge(Policy policy, String tool, Touches touches, Map<String, Object> arguments) {
        return policy.judge(tool, touches, arguments, workspace).effect();
    }

    @Test
    void theFirstRuleThatFitsDecidesAndTheVibersOwnGoFirst() {
        Policy policy = policy(
                Map.of("rules", List.of(Map.of("tool", "file.delete", "effect", "deny"))),
                Map.of(
                        "rules",
                        List.of(Map.of("tool", "file.*", "effect", "allow"), Map.of("tool", "*", "effect", "ask"))));
        assertThat(judge(policy, "file.delete", Touches.NOTHING, Map.of())).isEqualTo(Effect.DENY);
        assertThat(judge(policy, "file.read", Touches.NOTHING, Map.of())).isEqualTo(Effect.ALLOW);
        assertThat(judge(policy, "web.fetch", Touches.NOTHING, Map.of())).isEqualTo(Effect.ASK);
    }

    @Test
    void argumentsFitByPattern() {
        Policy policy =
                rules(Map.of("tool", "x.y", "with", Map.of("url", "https://*.example.org/*"), "effect", "deny"));
        assertThat(judge(policy, "x.y", Touches.NOTHING, Map.of("url", "https://a.example.org/b/c")))
                .isEqualTo(Effect.DENY);
        assertThat(judge(policy, "x.y", Touches.NOTHING, Map.of("url", List.of("http://a", "https://b.example.org/"))))
                .isEqualTo(Effect.DENY);
        assertThat(judge(policy, "x.y", Touches.NOTHING, Map.of("url", "https://example.com/")))
                .isEqualTo(Effect.ALLOW);
        assertThat(judge(policy, "x.y", Touches.NOTHING, Map.of())).isEqualTo(Effect.ALLOW);
    }

    @Test
    void aPathIsWhatItLeadsToAsWellAsWhatIsWritten() throws Exception {
        Files.createDirectories(workspace.resolve("secret"));
        Files.writeString(workspace.resolve("secret/key"), "k");
        Files.createSymbolicLink(workspace.resolve("alias"), workspace.resolve("secret"));
        Policy policy = rules(Map.of("tool", "*", "path", "secret/**", "effect", "deny"));
        for (String path :
                List.of("secret/key", "secret", "./a/../secret/new", "alias/key", workspace + "/secret/key")) {
            assertThat(judge(policy, "f.r", Touches.reading("path"), Map.of("path", path)))
                    .as(path)
                    .isEqualTo(Effect.DENY);
        }
        assertThat(judge(policy, "f.r", Touches.reading("path"), Map.of("path", "secrets/key")))
                .isEqualTo(Effect.ALLOW);
        assertThat(judge(policy, "f.r", Touches.NOTHING, Map.of("path", "secret/key")))
                .as("a tool that names no path arguments has none")
                .isEqualTo(Effect.ALLOW);
    }

    @Test
    void oneThatAllowsWantsEveryPathToFitAndOneThatDeniesAny() {
        Map<String, Object> out = Map.of("source", "in/a", "destination", "out/a");
        Policy policy = rules(
                Map.of("tool", "f.copy", "path", "in/**", "effect", "allow"),
                Map.of("tool", "f.copy", "path", "**", "effect", "deny"));
        assertThat(judge(policy, "f.copy", BOTH, out)).isEqualTo(Effect.DENY);
        assertThat(judge(policy, "f.copy", BOTH, Map.of("source", "in/a", "destination", "in/b")))
                .isEqualTo(Effect.ALLOW);
    }

    @Test
    void whereNoRuleFitsWhatTheToolTouchesDecides() {
        Policy policy = policy(Map.of(), Map.of("defaults", Map.of("write", "ask", "network", "deny")));
        assertThat(judge(policy, "f.r", Touches.reading("path"), Map.of())).isEqualTo(Effect.ALLOW);
        assertThat(judge(policy, "f.w", Touches.writing("path"), Map.of())).isEqualTo(Effect.ASK);
        assertThat(judge(policy, "f.w", Touches.writing("path").and(Touches.of(Access.NETWORK)), Map.of()))
                .isEqualTo(Effect.DENY);
        assertThat(judge(policy(Map.of(), Map.of()), "sh.run", Touches.of(Access.PROCESS), Map.of()))
                .isEqualTo(Effect.ASK);
    }

    @Test
    void whatIsWrongIsNamed() {
        wrong(Map.of("rules", List.of(Map.of("tool", "x", "effect", "maybe"))), "policy.rules.0.effect is 'maybe'");
        wrong(Map.of("rules", List.of(Map.of("effect", "deny"))), "policy.rules.0.tool is 'null'");
        wrong(Map.of("rules", List.of(Map.of("tool", "x", "effect", "deny", "paht", "a"))), "policy.rules.0.paht");
        wrong(Map.of("rules", List.of(Map.of("tool", "x", "effect", "deny", "path", "[a"))), "policy.rules.0.path");
        wrong(Map.of("rulez", List.of()), "policy.rulez");
        wrong(Map.of("approval", Map.of("timeout", "soon")), "policy.approval.timeout is 'soon'");
        wrong(Map.of("approval", Map.of("onTimeout", "ask")), "policy.approval.onTimeout is 'ask'");
        wrong(Map.of("budget", Map.of("steps", -1)), "policy.budget.steps is '-1'");
        wrong(Map.of("budget", Map.of("cost", 1)), "policy.budget.cost");
        wrong(Map.of("unknownOutcome", "guess"), "policy.unknownOutcome is 'guess'");
    }

    private static void wrong(Map<String, Object> policy, String message) {
        assertThatThrownBy(() -> policy(Map.of(), policy))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("; wanted ");
    }

    @Test
    void wildcards() {
        assertThat(new Wildcard("file.*").matches("file.read")).isTrue();
        assertThat(new Wildcard("*").matches("")).isTrue();
        assertThat(new Wildcard("a*b?c*").matches("aXXbYc")).isTrue();
        assertThat(new Wildcard("a*b").matches("a/b/c")).isFalse();
        assertThat(new Wildcard("*a".repeat(40)).matches("a".repeat(5_000) + "b"))
                .isFalse();
    }
}
