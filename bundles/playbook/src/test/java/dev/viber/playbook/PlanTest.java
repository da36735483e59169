package dev.viber.playbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.task.Plan;
import dev.viber.api.task.PlaybookCheck.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlanTest {
    private static final String TYPED = """
            name: typed
            inputs:
              text: {type: string, required: false}
              number: {type: number, default: 1.5}
              whole: {type: integer, default: 3}
              flag: {type: boolean, default: false}
              list: {type: array, default: [a]}
              map: {type: object, default: {a: 1}}
              must: {type: string}
            steps:
              - {id: say, tool: log, with: {message: "${{ inputs.must }}"}}
            """;

    private final Playbooks playbooks = Fixtures.playbooks();

    @Test
    void theExampleOfTheProtocolBecomesAPlan() {
        assertThat(playbooks.check(Fixtures.COUNT_TODOS, Map.of())).isEmpty();

        Plan plan = playbooks.plan("count", Map.of("playbook", Fixtures.COUNT_TODOS, "inputs", Map.of("root", "src")));

        assertThat(plan)
                .isEqualTo(new Plan(
                        "count-todos",
                        Map.of("root", "src"),
                        List.of(
                                new Plan.Step(
                                        "find",
                                        "search.text",
                                        Map.of("root", "${{ inputs.root }}", "pattern", "TODO"),
                                        Set.of(),
                                        null,
                                        null,
                                        Plan.Retry.NONE,
                                        null,
                                        Plan.OnError.FAIL,
                                        null),
                                new Plan.Step(
                                        "note",
                                        "file.write",
                                        Map.of("path", "todos.txt", "text", "${{ steps.find.result.count }} left"),
                                        Set.of("find"),
                                        "${{ steps.find.result.count > 0 }}",
                                        null,
                                        new Plan.Retry(2, Duration.ofSeconds(1)),
                                        Duration.ofSeconds(30),
                                        Plan.OnError.FAIL,
                                        null)),
                        Map.of("count", "${{ steps.find.result.count }}")));
    }

    @Test
    void aLoopKeepsItsListTemplateAndSeesItemAndIndex() {
        Plan plan = playbooks.plan("loop", Map.of("playbook", """
                name: loop
                steps:
                  - id: find
                    tool: file.glob
                    with: {pattern: "*.md"}
                  - id: read
                    tool: file.read
                    needs: [find]
                    forEach: "${{ steps.find.result.paths }}"
                    with: {path: "${{ item }}", label: "number ${{ index }}"}
                    timeout: 1m500ms
                    onError: continue
                    if: false
                """));

        Plan.Step read = plan.steps().get(1);
        assertThat(read.forEach()).isEqualTo("${{ steps.find.result.paths }}");
        assertThat(read.timeout()).isEqualTo(Duration.ofMillis(60_500));
        assertThat(read.onError()).isEqualTo(Plan.OnError.CONTINUE);
        assertThat(read.condition()).isEqualTo("${{ false }}");
        assertThat(playbooks.isTrue("${{ false }}", Map.of())).isFalse();
    }

    @Test
    void defaultsFillInAndTextsAreReadByTheDeclaredType() {
        Plan plan = playbooks.plan(
                "typed",
                Map.of(
                        "playbook",
                        TYPED,
                        "inputs",
                        Map.of("must", "7", "whole", "12", "flag", "true", "list", "[1,2]", "number", 4)));

        assertThat(plan.inputs())
                .containsEntry("text", null)
                .containsEntry("number", 4)
                .containsEntry("whole", 12L)
                .containsEntry("flag", true)
                .containsEntry("list", List.of(1, 2))
                .containsEntry("map", Map.of("a", 1L))
                .containsEntry("must", "7");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            whole  | many        | the input 'whole' is the text 'many', which is no integer; integer is wanted
            flag   | 1           | boolean is wanted
            list   | {}          | array is wanted
            map    | []          | object is wanted
            number | one         | number is wanted
            other  | x           | there is no input 'other'; there are: text, number, whole, flag, list, map, must
            """)
    void anInputThatDoesNotFitIsNamed(String name, String value, String message) {
        assertThat(playbooks.check(TYPED, Map.of("must", "x", name, value)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.pointer()).isEqualTo("/inputs/" + name);
                    assertThat(finding.message()).contains(message);
                });
    }

    @Test
    void numbersAreNoTextsAndMissingInputsAreNamedWhereTheyAreDeclared() {
        assertThat(playbooks.check(TYPED, Map.of("must", 5)))
                .extracting(Finding::message)
                .containsExactly("the input 'must' is a number; string is wanted");
        assertThat(playbooks.check(TYPED, Map.of()))
                .containsExactly(new Finding(9, 9, "/inputs/must", "the input 'must' is missing; string is wanted"));
    }

    @Test
    void aGoalInWordsIsLeftToOthers() {
        assertThat(playbooks.canPlan("tidy up", Map.of())).isFalse();
        assertThat(playbooks.canPlan("tidy up", Map.of("playbook", " "))).isFalse();
        assertThat(playbooks.canPlan("tidy up", Map.of("playbook", "name: x"))).isTrue();
    }

    @Test
    void aRefusalCarriesEveryFinding() {
        assertThatThrownBy(() -> playbooks.plan("x", Map.of("playbook", "name: x\nsteps: []\nextra: 1\n")))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.kind()).isEqualTo(ProblemException.Kind.INVALID);
                    assertThat(e).hasMessageContaining("line 2, column 8").hasMessageContaining("and 1 more");
                    assertThat(e.extensions())
                            .extractingByKey("findings")
                            .asInstanceOf(list(Map.class))
                            .extracting(f -> f.get("pointer"))
                            .containsExactly("/steps", "/extra");
                });
        assertThatThrownBy(() -> playbooks.plan("x", Map.of("playbook", Fixtures.COUNT_TODOS, "inputs", "root=x")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("options.inputs is no map");
    }
}
