package dev.viber.playbook;

import dev.viber.api.task.PlaybookCheck.Finding;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Checks that every template can be read and names only what will be there when it is evaluated. */
final class References {
    private static final Set<String> TASK = Set.of("id", "goal");
    private static final Set<String> STEP = Set.of("result", "error", "state");

    private final ExpressionLanguage language;
    private final int maxExpression;
    private final Places places;
    private final Set<String> inputs;
    private final StepGraph graph;
    private final List<Finding> findings;

    References(
            ExpressionLanguage language,
            int maxExpression,
            Places places,
            Set<String> inputs,
            StepGraph graph,
            List<Finding> findings) {
        this.language = language;
        this.maxExpression = maxExpression;
        this.places = places;
        this.inputs = inputs;
        this.graph = graph;
        this.findings = findings;
    }

    /**
     * Checks every text in this value.
     *
     * @param step the step it belongs to; null for outputs, which may name every step
     * @param inLoop whether {@code item} and {@code index} are there
     */
    void check(@Nullable Object value, String pointer, @Nullable String step, boolean inLoop) {
        switch (value) {
            case String text when Template.isIn(text) -> text(text, pointer, step, inLoop);
            case Map<?, ?> map ->
                map.forEach((key, item) -> check(item, Places.child(pointer, String.valueOf(key)), step, inLoop));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    check(list.get(i), Places.child(pointer, i), step, inLoop);
                }
            }
            case null, default -> {}
        }
    }

    /** Checks a text that must be one whole expression. */
    void checkWhole(@Nullable Object value, String pointer, @Nullable String step) {
        if (!(value instanceof String text)) {
            return;
        }
        if (!Template.isIn(text)) {
            findings.add(places.at(pointer, "one whole expression is wanted: ${{ %s }}".formatted(text.strip())));
            return;
        }
        @Nullable Template template = text(text, pointer, step, false);
        if (template != null && !template.isWhole()) {
            findings.add(places.at(pointer, "one whole ${{ }} is wanted, with nothing around it"));
        }
    }

    private @Nullable Template text(String text, String pointer, @Nullable String step, boolean inLoop) {
        try {
            Template template = Template.parse(text, maxExpression);
            for (Template.Code code : template.expressions()) {
                for (List<String> path : language.paths(code)) {
                    String fault = fault(path, step, inLoop);
                    if (!fault.isEmpty()) {
                        findings.add(places.at(pointer, fault));
                    }
                }
            }
            return template;
        } catch (ExpressionException e) {
            findings.add(places.at(pointer, String.valueOf(e.getMessage())));
            return null;
        }
    }

    private String fault(List<String> path, @Nullable String step, boolean inLoop) {
        return switch (path.getFirst()) {
            case "inputs" -> path.size() == 1 || inputs.contains(path.get(1)) ? "" : unknownInput(path.get(1));
            case "task" ->
                path.size() == 1 || TASK.contains(path.get(1))
                        ? ""
                        : "'task' has no '%s'; there are: goal, id".formatted(path.get(1));
            case "messages" -> "";
            case "steps" -> stepFault(path, step);
            case "item", "index" ->
                inLoop ? "" : "'%s' is there only in the 'with' of a step with forEach".formatted(path.getFirst());
            default ->
                "there is no '%s'; there are: inputs, messages, steps, task%s"
                        .formatted(path.getFirst(), inLoop ? ", item, index" : "");
        };
    }

    private String unknownInput(String name) {
        return "there is no input '%s'; %s"
                .formatted(
                        name,
                        inputs.isEmpty()
                                ? "the playbook has none"
                                : "there are: " + String.join(", ", new TreeSet<>(inputs)));
    }

    private String stepFault(List<String> path, @Nullable String step) {
        if (path.size() == 1) {
            return "'steps' must be followed by the name of a step, such as steps.find.result";
        }
        String named = path.get(1);
        if (!graph.has(named)) {
            return "there is no step '%s'; there are: %s".formatted(named, graph.names());
        }
        if (path.size() > 2 && !STEP.contains(path.get(2))) {
            return "'steps.%s' has no '%s'; there are: error, result, state".formatted(named, path.get(2));
        }
        if (named.equals(step)) {
            return "the step '%s' names itself; it has no result before it ends".formatted(named);
        }
        return step == null || graph.endsBefore(named, step)
                ? ""
                : "the step '%s' names 'steps.%s' but does not need it: add '%s' to its needs"
                        .formatted(step, named, named);
    }
}
