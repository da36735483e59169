package dev.viber.playbook;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.task.Expressions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Evaluates templates, in whatever lists and maps they stand. */
final class Templates implements Expressions {
    private static final int MAX_DEPTH = 200;

    private final ExpressionLanguage language;
    private final JsonMapper json;
    private final int maxExpression;
    private final int maxResult;

    Templates(ExpressionLanguage language, JsonMapper json, int maxExpression, int maxResult) {
        this.language = language;
        this.json = json;
        this.maxExpression = maxExpression;
        this.maxResult = maxResult;
    }

    @Override
    public @Nullable Object evaluate(@Nullable Object template, Map<String, ? extends @Nullable Object> scope) {
        return walk(template, scope, "", new Bounds(maxResult), 0);
    }

    @Override
    public boolean isTrue(String condition, Map<String, ? extends @Nullable Object> scope) {
        return switch (evaluate(condition, scope)) {
            case null -> false;
            case Boolean b -> b;
            case Number number -> number.doubleValue() != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    private @Nullable Object walk(
            @Nullable Object template,
            Map<String, ? extends @Nullable Object> scope,
            String pointer,
            Bounds bounds,
            int depth) {
        if (depth > MAX_DEPTH) {
            throw ProblemException.invalid(pointer, "the template is nested deeper than " + MAX_DEPTH);
        }
        return switch (template) {
            case String text when Template.isIn(text) -> text(text, scope, pointer, bounds);
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> made = new LinkedHashMap<>();
                map.forEach((key, value) -> {
                    String name = String.valueOf(key);
                    made.put(name, walk(value, scope, Places.child(pointer, name), bounds, depth + 1));
                });
                yield made;
            }
            case List<?> list -> {
                List<@Nullable Object> made = new ArrayList<>();
                for (Object item : list) {
                    made.add(walk(item, scope, Places.child(pointer, made.size()), bounds, depth + 1));
                }
                yield made;
            }
            case null, default -> template;
        };
    }

    private @Nullable Object text(
            String text, Map<String, ? extends @Nullable Object> scope, String pointer, Bounds bounds) {
        try {
            Template template = Template.parse(text, maxExpression);
            if (template.isWhole()) {
                return value(template.expressions().getFirst(), scope, bounds);
            }
            Bounds.Text made = new Bounds.Text(maxResult);
            for (Template.Part part : template.parts()) {
                made.write(
                        switch (part) {
                            case Template.Literal literal -> literal.text();
                            case Template.Code code ->
                                JsonValues.text(value(code, scope, new Bounds(maxResult)), json, maxResult);
                        });
            }
            return bounds.text(made.toString());
        } catch (ExpressionException e) {
            throw ProblemException.invalid(pointer, e.getMessage() == null ? "" : e.getMessage());
        }
    }

    private @Nullable Object value(Template.Code code, Map<String, ? extends @Nullable Object> scope, Bounds bounds) {
        return JsonValues.of(language.evaluate(code.source(), scope), bounds);
    }
}
