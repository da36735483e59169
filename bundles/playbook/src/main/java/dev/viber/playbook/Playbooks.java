package dev.viber.playbook;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.task.Expressions;
import dev.viber.api.task.Plan;
import dev.viber.api.task.Planner;
import dev.viber.api.task.PlaybookCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import tools.jackson.databind.json.JsonMapper;

/**
 * Playbooks as services: checked, planned from {@code options.playbook} and {@code options.inputs}, their templates
 * evaluated. Schema and expression engine are made at their first use, so that starting costs nothing.
 */
@Component(
        service = {PlaybookCheck.class, Planner.class, Expressions.class},
        configurationPid = "dev.viber.playbook")
@Designate(ocd = Playbooks.Settings.class)
public final class Playbooks implements PlaybookCheck, Planner, Expressions {
    /** How large playbooks, expressions and results may be. */
    @ObjectClassDefinition(name = "Playbooks", description = "How large playbooks, expressions and results may be.")
    public @interface Settings {
        /** Bytes of a playbook's text. */
        @AttributeDefinition(description = "Bytes of a playbook's text.", min = "1")
        int max_bytes() default 1_048_576;

        /** Characters of one expression. */
        @AttributeDefinition(description = "Characters of one expression.", min = "1")
        int max_expression() default 4_096;

        /** Characters of what one evaluation yields. */
        @AttributeDefinition(description = "Characters of what one evaluation yields.", min = "1")
        int max_result() default 4_194_304;

        /** Compiled expressions that are kept. */
        @AttributeDefinition(description = "Compiled expressions that are kept.", min = "1")
        int cached_expressions() default 512;
    }

    private final int maxBytes;
    private final int maxExpression;
    private final int maxResult;
    private final int cachedExpressions;
    private final JsonMapper json = new JsonMapper();
    private @Nullable ExpressionLanguage language;
    private @Nullable PlaybookReader reader;

    /** Takes its settings and makes nothing yet. */
    @Activate
    public Playbooks(Settings settings) {
        this(settings.max_bytes(), settings.max_expression(), settings.max_result(), settings.cached_expressions());
    }

    Playbooks(int maxBytes, int maxExpression, int maxResult, int cachedExpressions) {
        this.maxBytes = maxBytes;
        this.maxExpression = maxExpression;
        this.maxResult = maxResult;
        this.cachedExpressions = cachedExpressions;
    }

    @Override
    public List<Finding> check(String playbook, Map<String, Object> inputs) {
        return reader().read(playbook, inputs).findings();
    }

    @Override
    public Set<String> tools(String playbook, Map<String, Object> inputs) {
        Plan plan = reader().read(playbook, inputs).plan();
        return plan == null
                ? Set.of()
                : plan.steps().stream()
                        .map(Plan.Step::tool)
                        .filter(tool -> tool.contains("."))
                        .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public boolean canPlan(String goal, Map<String, Object> options) {
        return options.get("playbook") instanceof String playbook && !playbook.isBlank();
    }

    @Override
    public Plan plan(String goal, Map<String, Object> options) {
        if (!(options.get("playbook") instanceof String playbook)) {
            throw ProblemException.invalid("/playbook", "options.playbook is no text; a playbook as YAML is wanted");
        }
        @Nullable Object given = options.get("inputs");
        Map<String, Object> inputs = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((name, value) -> inputs.put(String.valueOf(name), value));
        } else if (given != null) {
            throw ProblemException.invalid("/inputs", "options.inputs is no map; {\"name\": value} is wanted");
        }
        PlaybookReader.Reading reading = reader().read(playbook, inputs);
        if (reading.plan() == null) {
            throw refusal(reading.findings());
        }
        return reading.plan();
    }

    @Override
    public @Nullable Object evaluate(@Nullable Object template, Map<String, ? extends @Nullable Object> scope) {
        return templates().evaluate(template, scope);
    }

    @Override
    public boolean isTrue(String condition, Map<String, ? extends @Nullable Object> scope) {
        return templates().isTrue(condition, scope);
    }

    private Templates templates() {
        return new Templates(language(), json, maxExpression, maxResult);
    }

    private synchronized PlaybookReader reader() {
        if (reader == null) {
            reader = new PlaybookReader(new PlaybookSchema(json), language(), json, maxBytes, maxExpression);
        }
        return reader;
    }

    private synchronized ExpressionLanguage language() {
        if (language == null) {
            language = new ExpressionLanguage(json, cachedExpressions, maxExpression, maxResult);
        }
        return language;
    }

    private static ProblemException refusal(List<Finding> findings) {
        List<Map<String, Object>> told = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("line", finding.line());
            one.put("column", finding.column());
            one.put("pointer", finding.pointer());
            one.put("message", finding.message());
            told.add(one);
        }
        Finding first = findings.getFirst();
        String place = first.line() == 0 ? "" : "line %d, column %d: ".formatted(first.line(), first.column());
        String more = findings.size() == 1 ? "" : " (and %d more)".formatted(findings.size() - 1);
        return new ProblemException(
                ProblemException.Kind.INVALID,
                "The playbook cannot be run: " + place + first.message() + more,
                Map.of("findings", told));
    }
}
