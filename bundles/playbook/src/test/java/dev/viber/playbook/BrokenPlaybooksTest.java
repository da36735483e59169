package dev.viber.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.task.PlaybookCheck.Finding;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class BrokenPlaybooksTest {
    /** A playbook, its one fault's place and a part of its message. */
    private record Broken(int line, int column, String pointer, String message, String playbook) {}

    private static final List<Broken> TABLE = List.of(
            new Broken(1, 1, "", "empty", "# nothing\n"),
            new Broken(3, 1, "", "not YAML", "name: x\nsteps: [{id: a}\nname: y\n"),
            new Broken(1, 1, "", "object expected", "just text\n"),
            new Broken(2, 1, "/name", "the key 'name' is there twice", "name: x\nname: y\n" + step("a", "log.it", "")),
            new Broken(1, 1, "", "'steps' is missing", "name: x\n"),
            new Broken(2, 1, "/setps", "'setps' is not known here", "name: x\nsetps: 1\n" + step("a", "log.it", "")),
            new Broken(2, 8, "/steps", "at least 1", "name: x\nsteps: []\n"),
            new Broken(3, 5, "/steps/0", "'tool' is missing", "name: x\nsteps:\n  - {id: a}\n"),
            new Broken(3, 19, "/steps/0/tool", "a tool's name such as file.read", broken("tool: fileread")),
            new Broken(3, 19, "/steps/0/tool", "string expected", broken("tool: 5")),
            new Broken(
                    3, 10, "/steps/0/id", "does not begin with a digit", "name: x\nsteps:\n  - {id: 1a, tool: a.b}\n"),
            new Broken(3, 22, "/steps/0/timeout", "a duration such as", broken("timeout: fast, tool: a.b")),
            new Broken(3, 39, "/steps/0/retry/times", "100", broken("tool: a.b, retry: {times: 101}")),
            new Broken(3, 33, "/steps/0/onError", "enumeration", broken("tool: a.b, onError: never")),
            new Broken(
                    4,
                    10,
                    "/steps/1/id",
                    "taken already, by /steps/0",
                    named("{id: a, tool: a.b}", "{id: a, tool: a.b}")),
            new Broken(
                    3, 32, "/steps/0/needs/0", "there is no step 'b'; there are: a", broken("tool: a.b, needs: [b]")),
            new Broken(
                    3,
                    31,
                    "/steps/0/needs",
                    "in a circle: a -> b -> c -> a",
                    named(
                            "{id: a, tool: a.b, needs: [b]}",
                            "{id: b, tool: a.b, needs: [c]}",
                            "{id: c, tool: a.b, needs: [a]}")),
            new Broken(3, 31, "/steps/0/needs", "in a circle: a -> a", broken("tool: a.b, needs: [a]")),
            new Broken(
                    4,
                    34,
                    "/steps/1/with/x",
                    "does not need it: add 'a' to its needs",
                    named("{id: a, tool: a.b}", "{id: b, tool: a.b, with: {x: \"${{ steps.a.result }}\"}}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "names itself",
                    broken("tool: a.b, with: {x: \"${{ steps.a.result }}\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "there is no step 'z'",
                    broken("tool: a.b, with: {x: \"${{ steps.z.result }}\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "must be followed",
                    broken("tool: a.b, with: {x: \"${{ steps['z' + 'y'] }}\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "there is no input 'i'",
                    broken("tool: a.b, with: {x: \"${{ inputs.i }}\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "only in the 'with' of a step with forEach",
                    broken("tool: a.b, with: {x: \"${{ item }}\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "there is no 'env'; there are: inputs, messages, steps, task",
                    broken("tool: a.b, with: {x: \"${{ env.HOME }}\"}")),
            new Broken(3, 34, "/steps/0/with/x", "not closed", broken("tool: a.b, with: {x: \"${{ 1 + }\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "'1 +' cannot be read at character 3",
                    broken("tool: a.b, with: {x: \"${{ 1 + }}\"}")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "there is no function 'open'",
                    broken("tool: a.b, with: {x: \"${{ open('x') }}\"}")),
            new Broken(
                    3,
                    28,
                    "/steps/0/if",
                    "one whole expression is wanted: ${{ 1 > 0 }}",
                    broken("tool: a.b, if: 1 > 0")),
            new Broken(3, 28, "/steps/0/if", "with nothing around it", broken("tool: a.b, if: \"${{ 1 > 0 }} \"")),
            new Broken(3, 33, "/steps/0/forEach", "one whole expression", broken("tool: a.b, forEach: a")),
            new Broken(
                    3,
                    31,
                    "/steps/0/with",
                    "exactly one of for and until",
                    broken("tool: wait, with: {for: 1s, until: 2027-01-01T00:00:00Z}")),
            new Broken(
                    3, 39, "/steps/0/with/until", "an instant such as", broken("tool: wait, with: {until: tomorrow}")),
            new Broken(
                    3,
                    37,
                    "/steps/0/with/for",
                    "a duration such as",
                    broken("tool: wait, with: {for: 10}".replace("10", "long"))),
            new Broken(
                    3,
                    35,
                    "/steps/0/with",
                    "exactly one of text, path and base64",
                    broken("tool: artifact, with: {name: a}")),
            new Broken(3, 5, "/steps/0", "'with' is missing", broken("tool: log")),
            new Broken(
                    2,
                    38,
                    "/inputs/n/default",
                    "not of type integer",
                    "name: x\ninputs: {n: {type: integer, default: many}}\n" + step("a", "a.b", "")),
            new Broken(
                    2,
                    13,
                    "/inputs/n",
                    "'type' is missing",
                    "name: x\ninputs: {n: {default: 1}}\n" + step("a", "a.b", "")),
            new Broken(1, 7, "/name", "the tag !host is not taken", "name: !host x\n" + step("a", "a.b", "")),
            new Broken(
                    3,
                    34,
                    "/steps/0/with/x",
                    "out of range",
                    broken("tool: a.b, with: {x: 123456789012345678901234567890}")),
            new Broken(3, 34, "/steps/0/with/x", "out of range", broken("tool: a.b, with: {x: .inf}")),
            new Broken(
                    4,
                    14,
                    "/outputs/y",
                    "there is no step 'q'",
                    broken("tool: a.b") + "outputs: {y: \"${{ steps.q.result }}\"}\n"));

    private final Playbooks playbooks = Fixtures.playbooks();

    @TestFactory
    Stream<DynamicTest> eachFaultIsFoundInItsPlace() {
        return TABLE.stream()
                .map(broken -> DynamicTest.dynamicTest(
                        broken.message() + " " + broken.pointer(),
                        () -> assertThat(playbooks.check(broken.playbook(), Map.of()))
                                .singleElement()
                                .satisfies(finding -> {
                                    assertThat(finding.message()).contains(broken.message());
                                    assertThat(List.of(finding.line(), finding.column(), finding.pointer()))
                                            .isEqualTo(List.of(broken.line(), broken.column(), broken.pointer()));
                                })));
    }

    @Test
    void severalFaultsComeInTheOrderOfTheirPlaces() {
        List<Finding> findings = playbooks.check("""
                name: many
                inputs: {root: {type: path, default: .}}
                steps:
                  - {id: a, tool: nope, needs: [z]}
                  - {id: a, tool: file.read, with: {path: "${{ inputs.rot }}"}, retry: {backoff: 1s}}
                outputs: {x: "${{ }}"}
                """, Map.of("other", 1));

        assertThat(findings)
                .extracting(Finding::pointer)
                .containsExactly(
                        "/inputs/root/type",
                        "/steps/0/tool",
                        "/steps/0/needs/0",
                        "/steps/1/id",
                        "/steps/1/with/path",
                        "/steps/1/retry",
                        "/outputs/x",
                        "/inputs/other");
        assertThat(findings).extracting(Finding::line).containsExactly(2, 4, 4, 5, 5, 5, 6, 0);
    }

    @Test
    void stepsBehindACycleAreNotBlamed() {
        assertThat(playbooks.check(
                        named(
                                "{id: a, tool: a.b, needs: [b]}",
                                "{id: b, tool: a.b, needs: [a]}",
                                "{id: c, tool: a.b, needs: [b], with: {x: \"${{ steps.a.result }}\"}}",
                                "{id: d, tool: a.b, needs: [e]}",
                                "{id: e, tool: a.b, needs: [d]}"),
                        Map.of()))
                .extracting(Finding::message)
                .containsExactly(
                        "these steps need each other in a circle: a -> b -> a",
                        "these steps need each other in a circle: d -> e -> d");
    }

    @Test
    void needsReachThroughOtherSteps() {
        assertThat(playbooks.check(
                        named(
                                "{id: c, tool: a.b, needs: [b], with: {x: \"${{ steps.a.result }}\"}}",
                                "{id: b, tool: a.b, needs: [a]}",
                                "{id: a, tool: a.b}"),
                        Map.of()))
                .isEmpty();
    }

    @Test
    void bombsAreDefused() {
        StringBuilder laughs = new StringBuilder("name: x\na0: &a0 [lol, lol]\n");
        for (int i = 1; i < 40; i++) {
            laughs.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(playbooks.check(laughs.toString(), Map.of()))
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("too many values");
        assertThat(playbooks.check("name: &n [*n]\n", Map.of()))
                .extracting(Finding::message)
                .containsExactly("the alias leads back to what it stands in");
        assertThat(playbooks.check("[".repeat(500_000), Map.of()))
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("nested deeper than 100");
        assertThat(playbooks.check("#".repeat(1_048_577), Map.of()))
                .containsExactly(new Finding(0, 0, "", "the playbook is larger than the 1048576 bytes allowed"));
        assertThat(playbooks.check("name: \u0000\n", Map.of()))
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("not YAML");
    }

    @Test
    void anAliasMayBeUsed() {
        assertThat(playbooks.check("""
                name: alias
                steps:
                  - {id: a, tool: file.stat, with: &same {path: a.txt}}
                  - {id: b, tool: file.stat, with: *same}
                """, Map.of())).isEmpty();
    }

    private static String broken(String rest) {
        return "name: x\nsteps:\n  - {id: a, " + rest + "}\n";
    }

    private static String named(String... steps) {
        return "name: x\nsteps:\n  - " + String.join("\n  - ", steps) + "\n";
    }

    private static String step(String id, String tool, String rest) {
        return "steps:\n  - {id: %s, tool: %s%s}\n".formatted(id, tool, rest);
    }
}
