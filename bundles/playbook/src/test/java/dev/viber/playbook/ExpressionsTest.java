package dev.viber.playbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.problem.ProblemException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpressionsTest {
    private final Playbooks expressions = Fixtures.playbooks();
    private final Map<String, Object> scope = scope();

    private static Map<String, Object> scope() {
        Map<String, Object> find = new HashMap<>();
        find.put("result", new LinkedHashMap<>(Map.of("count", 3, "files", List.of("a.md", "b.md"), "half", 0.5)));
        find.put("error", null);
        find.put("state", "completed");
        Map<String, Object> scope = new HashMap<>();
        scope.put("steps", Map.of("find", find));
        scope.put("inputs", Map.of("root", "src", "name with blank", true, "big", "x".repeat(100_000)));
        scope.put("task", Map.of("id", "t1", "goal", "count"));
        scope.put("item", "c.md");
        scope.put("index", 0);
        return scope;
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("${{ steps.find.result.count }}", 3L),
                Arguments.of("${{ steps.find.result.count + 1 }}", 4L),
                Arguments.of("${{ steps.find.result.half * 2 }}", 1.0),
                Arguments.of("${{ 7 / 2 }}", 3L),
                Arguments.of("${{ 7.0 / 2 }}", 3.5),
                Arguments.of("${{ steps.find.result.files }}", List.of("a.md", "b.md")),
                Arguments.of("${{ steps.find.result.files[1] }}", "b.md"),
                Arguments.of("${{ steps['find'].state == 'completed' and not (1 > 2) }}", true),
                Arguments.of("${{ steps.find.error }}", null),
                Arguments.of("${{ steps.find.error ?? 'none' }}", "none"),
                Arguments.of("${{ inputs.missing ?? 'none' }}", "none"),
                Arguments.of("${{ inputs['name with blank'] ? 'yes' : 'no' }}", "yes"),
                Arguments.of(
                        "${{ {'a': {'b': [1, 'x', null]}} }}", Map.of("a", Map.of("b", Arrays.asList(1L, "x", null)))),
                Arguments.of("${{ '}}' }}", "}}"),
                Arguments.of("${{ 'a\nb' + \n'\\n' + \"it's\" }}", "a\nb\nit's"),
                Arguments.of("x\n${{ 'a\r\nb' }}", "x\na\r\nb"),
                Arguments.of("${{ 1..3 }}", List.of(1L, 2L, 3L)),
                Arguments.of("${{ item =~ '.*\\.md' }}", true),
                Arguments.of("${{ 'a.md' =~ steps.find.result.files }}", true),
                Arguments.of("${{ item =^ 'c' }}", true),
                Arguments.of("${{ size(steps.find.result.files) }}", 2L),
                Arguments.of("${{ empty('') }}", true),
                Arguments.of("${{ upper(trim(' a ')) + lower('B') }}", "Ab"),
                Arguments.of("${{ join(steps.find.result.files, ', ') }}", "a.md, b.md"),
                Arguments.of("${{ join([1, 2.0], '-') }}", "1-2"),
                Arguments.of("${{ split('a,b,,c', ',') }}", List.of("a", "b", "", "c")),
                Arguments.of("${{ keys(task) =~ 'x' }}", false),
                Arguments.of("${{ json([1, 'x']) }}", "[1,\"x\"]"),
                Arguments.of("${{ steps.find.result.count }} left in ${{ inputs.root }}", "3 left in src"),
                Arguments.of(
                        "<${{ null }}${{ 4.0 }}|${{ 0.25 }}|${{ true }}|${{ [1, {'a': 'b'}] }}>",
                        "<4|0.25|true|[1,{\"a\":\"b\"}]>"),
                Arguments.of(" ${{ 1 }}", " 1"),
                Arguments.of("no template $ {{ }} here", "no template $ {{ }} here"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void evaluates(String template, Object value) {
        assertThat(expressions.evaluate(template, scope)).isEqualTo(value);
    }

    @Test
    void listsAndMapsAreWalkedAndOtherValuesStay() {
        assertThat(expressions.evaluate(
                        Map.of("a", List.of("${{ index }}", 1, "x"), "b", Map.of("c", "${{ task.id }}")), scope))
                .isEqualTo(Map.of("a", List.of(0L, 1, "x"), "b", Map.of("c", "t1")));
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("${{ inputs.rot }}", "'inputs' has no 'rot'; there are: big, name with blank, root"),
                Arguments.of(
                        "${{ steps.find.result.cuont }}",
                        "'steps.find.result' has no 'cuont'; there are: count, files, half"),
                Arguments.of("${{ steps.fnd.result }}", "'steps' has no 'fnd'; there are: find"),
                Arguments.of("${{ steps.find.error.message }}", "'steps.find.error' has no 'message'; it is null"),
                Arguments.of(
                        "${{ steps.find.result.files[7] }}", "'steps.find.result.files' has no '7'; it is a list of 2"),
                Arguments.of("${{ env.HOME }}", "there is no 'env'; there are: index, inputs, item, steps, task"),
                Arguments.of("${{ steps.find.error + 1 }}", "null operand"),
                Arguments.of("${{ 1 / 0 }}", "/ error"),
                Arguments.of("${{ 1e400 }}", "out of range"),
                Arguments.of("${{ 9223372036854775807 * 2 }}", "out of range"),
                Arguments.of("${{ ~/a/ }}", "JSON does not know"),
                Arguments.of("${{ 'a' =~ '(' }}", "is not a pattern"),
                Arguments.of("${{ }}", "no expression"),
                Arguments.of("${{ 1", "not closed"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultSaysWhatIsThere(String template, String message) {
        assertThatThrownBy(() -> expressions.evaluate(template, scope))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFaultInsideIsNamedByItsPointer() {
        assertThatThrownBy(() -> expressions.evaluate(Map.of("a/b", List.of("x", "${{ nope }}")), scope))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.extensions()).containsEntry("pointer", "/a~1b/1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "''.getClass()",
                "''.class",
                "''.class.forName('java.lang.Runtime')",
                "''['class']",
                "inputs.class",
                "steps.getClass().getClassLoader()",
                "getClass()",
                "hashCode()",
                "notifyAll()",
                "get('inputs')",
                "set('inputs', 1)",
                "json.getClass()",
                "new('java.lang.ProcessBuilder', 'id')",
                "new java.lang.ProcessBuilder('id')",
                "java.lang.Runtime.getRuntime()",
                "Runtime.runtime",
                "'x'.bytes",
                "'x'.repeat(1000000000)",
                "'%1000000000d'.formatted(1)",
                "[1].class",
                "inputs.root = 'x'",
                "inputs.root += 'x'",
                "inputs.put('a', 1)",
                "index++",
                "var x = 1",
                "let x = 1; x",
                "1; 2",
                "x -> x",
                "() -> { while (true) {} }",
                "(function(f) { f(f) })(1)",
                "while (true) {}",
                "for (var i : 1..9) { i }",
                "if (true) { 1 }",
                "return 1",
                "throw 'x'",
                "try { 1 } catch (e) { 2 }",
                "@silent 1",
                "`${''.getClass()}`",
                "#pragma jexl.import java.lang\n 1",
                "import('java.lang.Runtime')",
                "jexl:run('id')",
                "'x' instanceof java.lang.String",
                "open('/etc/passwd')"
            })
    void nothingButDataCanBeReached(String attempt) {
        assertThatThrownBy(() -> expressions.evaluate("${{ " + attempt + " }}", scope))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void theScopeStaysAsItIs() {
        Map<String, Object> before = scope();
        assertThatThrownBy(() -> expressions.evaluate("${{ task.id = 'x' }}", scope))
                .isInstanceOf(ProblemException.class);
        assertThat(scope).isEqualTo(before);
    }

    static Stream<Arguments> excesses() {
        return Stream.of(
                Arguments.of("'" + "x".repeat(5_000) + "'", "at most 4096"),
                Arguments.of("(".repeat(1_000) + "1" + ")".repeat(1_000), "nested deeper than 32"),
                Arguments.of("1" + " + inputs.big".repeat(200), "larger than the 1000000 characters"),
                Arguments.of("[" + "inputs.big, ".repeat(100) + "1]", "larger than the 1000000 characters"),
                Arguments.of("1..2000000000", "larger than the 1000000 characters"),
                Arguments.of("join(1..2000000000, ',')", "larger than the 1000000 characters"),
                Arguments.of(
                        "json(json(json([inputs.big, inputs.big, inputs.big, inputs.big])) + inputs.big) + json(1..200000)",
                        "larger than"),
                Arguments.of("json(".repeat(30) + "'\"\"'" + ")".repeat(30), "larger than the 1000000 characters"),
                Arguments.of("inputs.big =~ '(x+x+)+y'", "the pattern takes too long"));
    }

    @ParameterizedTest
    @MethodSource("excesses")
    void whatGrowsOrRunsWithoutEndIsStopped(String expression, String message) {
        Playbooks small = Fixtures.playbooks(1_048_576, 4_096, 1_000_000);
        assertThatThrownBy(() -> small.evaluate("${{ " + expression + " }}", scope))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "- ", "1 + ", "true ? 1 : ", "1 ?? "})
    void longChainsEitherWorkOrAreRefused(String link) {
        String chain = "${{ " + link.repeat(4_000 / link.length()) + "1 }}";
        try {
            assertThat(expressions.evaluate(chain, scope)).isNotNull();
        } catch (ProblemException e) {
            assertThat(e).hasMessageContaining("nested too deeply");
        }
    }

    @Test
    void aCompiledExpressionServesOtherScopes() {
        String template = "${{ inputs.x }}";
        assertThat(expressions.evaluate(template, Map.of("inputs", Map.of("x", 1))))
                .isEqualTo(1L);
        assertThat(expressions.evaluate(template, Map.of("inputs", Map.of("x", "a"))))
                .isEqualTo("a");
        assertThatThrownBy(() -> expressions.evaluate(template, Map.of("inputs", Map.of("y", 1))))
                .hasMessageContaining("'inputs' has no 'x'; there are: y");
    }

    @Test
    void manyThreadsMayEvaluateAtOnce() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> answers = IntStream.range(0, 2_000)
                    .mapToObj(i -> threads.submit(() -> expressions.evaluate(
                            "${{ inputs.x + upper('a') + " + i % 100 + " }}", Map.of("inputs", Map.of("x", "n" + i)))))
                    .toList();
            assertThat(IntStream.range(0, 2_000).mapToObj(i -> "n" + i + "A" + i % 100))
                    .containsExactlyElementsOf(
                            answers.stream().map(ExpressionsTest::await).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"${{ true }}", "${{ 2 }}", "${{ 'x' }}", "${{ [0] }}", "${{ {'a': 1} }}", "x"})
    void holds(String condition) {
        assertThat(expressions.isTrue(condition, scope)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${{ false }}",
                "${{ 0 }}",
                "${{ 0.0 }}",
                "${{ '' }}",
                "${{ [] }}",
                "${{ {:} }}",
                "${{ null }}",
                ""
            })
    void doesNotHold(String condition) {
        assertThat(expressions.isTrue(condition, scope)).isFalse();
    }

    private static String await(Future<Object> answer) {
        try {
            return String.valueOf(answer.get());
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
