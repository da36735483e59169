package dev.viber.playbook;

import dev.viber.api.task.Plan;
import dev.viber.api.task.PlaybookCheck.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Reads a playbook with its inputs: into a plan, or into everything that is wrong with it. */
final class PlaybookReader {
    /**
     * What came of it.
     *
     * @param findings in the order of their places, those without one last, at most 100; empty where there is a plan
     */
    record Reading(List<Finding> findings, @Nullable Plan plan) {}

    private static final int MAX_STEPS = 1000;
    private static final int MAX_FINDINGS = 100;
    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+)(ms|s|m|h|d)");

    private final PlaybookSchema schema;
    private final ExpressionLanguage language;
    private final JsonMapper json;
    private final int maxBytes;
    private final int maxExpression;

    PlaybookReader(
            PlaybookSchema schema, ExpressionLanguage language, JsonMapper json, int maxBytes, int maxExpression) {
        this.schema = schema;
        this.language = language;
        this.json = json;
        this.maxBytes = maxBytes;
        this.maxExpression = maxExpression;
    }

    Reading read(String text, Map<String, ?> given) {
        List<Finding> findings = new ArrayList<>();
        Optional<YamlReader.Document> read = YamlReader.read(text, maxBytes, findings);
        if (read.isEmpty()) {
            return new Reading(inOrder(findings), null);
        }
        YamlReader.Document document = read.get();
        findings.addAll(schema.validate(document));
        if (!(document.value() instanceof Map<?, ?> root)) {
            return new Reading(inOrder(findings), null);
        }
        Map<?, ?> declared = root.get("inputs") instanceof Map<?, ?> map ? map : Map.of();
        Map<String, @Nullable Object> inputs = new InputValues(json, document.places(), findings).read(declared, given);
        if (root.get("steps") instanceof List<?> steps && steps.size() <= MAX_STEPS) {
            check(root, steps, declared, document.places(), findings);
        }
        return findings.isEmpty() ? new Reading(List.of(), plan(root, inputs)) : new Reading(inOrder(findings), null);
    }

    private void check(Map<?, ?> root, List<?> steps, Map<?, ?> declared, Places places, List<Finding> findings) {
        StepGraph graph = graph(steps, places, findings);
        Set<String> inputs = new LinkedHashSet<>();
        declared.keySet().forEach(name -> inputs.add(String.valueOf(name)));
        References references = new References(language, maxExpression, places, inputs, graph, findings);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Map<?, ?> step && step.get("id") instanceof String id) {
                String pointer = Places.child("/steps", i);
                boolean loops = step.get("forEach") != null;
                references.checkWhole(step.get("if"), Places.child(pointer, "if"), id);
                references.checkWhole(step.get("forEach"), Places.child(pointer, "forEach"), id);
                references.check(step.get("with"), Places.child(pointer, "with"), id, loops);
            }
        }
        references.check(root.get("outputs"), "/outputs", null, false);
    }

    private static StepGraph graph(List<?> steps, Places places, List<Finding> findings) {
        Map<String, Set<String>> needsById = new LinkedHashMap<>();
        Map<String, Integer> first = new LinkedHashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Map<?, ?> step && step.get("id") instanceof String id) {
                Integer before = first.putIfAbsent(id, i);
                if (before != null) {
                    findings.add(places.at(
                            "/steps/%d/id".formatted(i),
                            "the id '%s' is taken already, by /steps/%d".formatted(id, before)));
                }
                needsById.putIfAbsent(id, new LinkedHashSet<>(texts(step.get("needs"))));
            }
        }
        StepGraph graph = new StepGraph(needsById);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Map<?, ?> step && step.get("needs") instanceof List<?> needs) {
                for (int j = 0; j < needs.size(); j++) {
                    if (needs.get(j) instanceof String need && !graph.has(need)) {
                        findings.add(places.at(
                                "/steps/%d/needs/%d".formatted(i, j),
                                "there is no step '%s'; there are: %s".formatted(need, graph.names())));
                    }
                }
            }
        }
        for (String cycle : graph.cycles()) {
            Integer step = first.get(cycle.substring(0, cycle.indexOf(' ')));
            findings.add(places.at(
                    "/steps/%d/needs".formatted(step == null ? 0 : step),
                    "these steps need each other in a circle: " + cycle));
        }
        return graph;
    }

    private static Plan plan(Map<?, ?> root, Map<String, @Nullable Object> inputs) {
        List<Plan.Step> steps = new ArrayList<>();
        if (root.get("steps") instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> step) {
                    steps.add(step(step));
                }
            }
        }
        return new Plan(text(root, "name"), json(inputs), steps, json(root.get("outputs")));
    }

    private static Plan.Step step(Map<?, ?> step) {
        Plan.Retry retry = Plan.Retry.NONE;
        if (step.get("retry") instanceof Map<?, ?> asked && asked.get("times") instanceof Number times) {
            Duration backoff = duration(asked.get("backoff"));
            retry = new Plan.Retry(times.intValue(), backoff == null ? Plan.Retry.NONE.backoff() : backoff);
        }
        @Nullable
        String condition = switch (step.get("if")) {
            case String text -> text;
            case Boolean always -> Template.OPEN + " " + always + " }}";
            case null, default -> null;
        };
        return new Plan.Step(
                text(step, "id"),
                text(step, "tool"),
                json(step.get("with")),
                new LinkedHashSet<>(texts(step.get("needs"))),
                condition,
                step.get("forEach") instanceof String list ? list : null,
                retry,
                duration(step.get("timeout")),
                step.get("onError") instanceof String word
                        ? Plan.OnError.valueOf(word.toUpperCase(Locale.ROOT))
                        : Plan.OnError.FAIL,
                step.get("ask") instanceof String question ? question : null);
    }

    private static @Nullable Duration duration(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return null;
        }
        Duration sum = Duration.ZERO;
        for (Matcher part = DURATION_PART.matcher(text); part.find(); ) {
            long amount = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        case "h" -> Duration.ofHours(amount);
                        default -> Duration.ofDays(amount);
                    });
        }
        return sum;
    }

    private static String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String text ? text : "";
    }

    private static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList()
                : List.of();
    }

    /** A JSON object as the contracts have it; its values may be null as JSON's may. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> json(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static List<Finding> inOrder(List<Finding> findings) {
        return findings.stream()
                .distinct()
                .sorted(Comparator.comparing((Finding f) -> f.line() == 0)
                        .thenComparingInt(Finding::line)
                        .thenComparingInt(Finding::column))
                .limit(MAX_FINDINGS)
                .toList();
    }
}
