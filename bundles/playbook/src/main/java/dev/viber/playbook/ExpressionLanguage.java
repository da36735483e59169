package dev.viber.playbook;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.commons.jexl3.JexlBuilder;
import org.apache.commons.jexl3.JexlEngine;
import org.apache.commons.jexl3.JexlException;
import org.apache.commons.jexl3.JexlExpression;
import org.apache.commons.jexl3.JexlFeatures;
import org.apache.commons.jexl3.JexlInfo;
import org.apache.commons.jexl3.JexlScript;
import org.apache.commons.jexl3.MapContext;
import org.apache.commons.jexl3.introspection.JexlPermissions;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * JEXL cut down to expressions over JSON values: no methods, classes, assignments, loops, lambdas, pragmas or
 * annotations. Compiled expressions are kept, the least used ones go first.
 */
final class ExpressionLanguage {
    private static final Set<String> WORDS =
            Set.of("not", "and", "or", "eq", "ne", "lt", "le", "gt", "ge", "div", "mod", "new", "function");
    private static final Pattern PLACE = Pattern.compile("^\\S*@\\d+:\\d+(!\\[\\d+,\\d+])?:?\\s*");
    private static final int SHOWN = 80;

    private final JexlEngine engine;

    /**
     * The language.
     *
     * @param cached how many compiled expressions are kept
     * @param maxExpression characters of one expression
     * @param maxResult characters of one text on the way
     */
    ExpressionLanguage(JsonMapper json, int cached, int maxExpression, int maxResult) {
        JexlPermissions permissions = new JexlPermissions.ClassPermissions(Functions.class);
        JexlEngine restricted = new JexlBuilder().permissions(permissions).create();
        // Under the null key stand the functions that are called without a namespace.
        Map<@Nullable String, Object> functions = new HashMap<>();
        functions.put(null, new Functions(json, maxResult));
        engine = new JexlBuilder()
                .features(JexlFeatures.createNone()
                        .structuredLiteral(true)
                        .arrayReferenceExpr(true)
                        .comparatorNames(true))
                .permissions(permissions)
                .uberspect(new DataOnly(restricted.getUberspect()))
                .arithmetic(new BoundedArithmetic(maxResult))
                .namespaces(functions)
                .strict(true)
                .safe(false)
                .silent(false)
                .antish(false)
                .debug(false)
                .cache(cached)
                .cacheThreshold(maxExpression)
                .create();
    }

    /**
     * Checks that an expression can be read and calls nothing unknown.
     *
     * @return the paths it names: {@code [steps, find, result, count]}
     * @throws ExpressionException where it cannot be used
     */
    Set<List<String>> paths(Template.Code code) {
        Set<List<String>> paths = paths(compile(code.source()));
        for (String called : code.calls()) {
            if (!Functions.NAMES.contains(called) && !WORDS.contains(called)) {
                throw new ExpressionException("there is no function '%s'; there are: %s"
                        .formatted(called, String.join(", ", new TreeSet<>(Functions.NAMES))));
            }
        }
        return paths;
    }

    /**
     * The value of an expression as JEXL gives it.
     *
     * @throws ExpressionException where it cannot be used, or names what is not there
     */
    @Nullable
    Object evaluate(String source, Map<String, ? extends @Nullable Object> scope) {
        JexlExpression expression = compile(source);
        try {
            return expression.evaluate(new MapContext(new HashMap<>(scope)));
        } catch (JexlException.StackOverflow e) {
            throw new ExpressionException("%s is nested too deeply".formatted(shown(source)));
        } catch (JexlException e) {
            throw failure(source, expression, scope, e);
        } catch (StackOverflowError e) {
            throw new ExpressionException("%s is nested too deeply".formatted(shown(source)));
        }
    }

    private JexlExpression compile(String source) {
        try {
            return engine.createExpression(new JexlInfo("expression", 1, 1), source);
        } catch (JexlException.Feature e) {
            throw new ExpressionException("%s uses what is not allowed in expressions: %s"
                    .formatted(shown(source), PLACE.matcher(e.getMessage()).replaceFirst("")));
        } catch (JexlException e) {
            @Nullable JexlInfo info = e.getInfo();
            throw new ExpressionException("%s cannot be read at character %d: %s"
                    .formatted(
                            shown(source),
                            info == null ? 1 : info.getColumn(),
                            PLACE.matcher(e.getMessage()).replaceFirst("")));
        } catch (StackOverflowError e) {
            throw new ExpressionException("%s is nested too deeply".formatted(shown(source)));
        }
    }

    private static ExpressionException failure(
            String source, JexlExpression expression, Map<String, ?> scope, JexlException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ExpressionException known) {
                return new ExpressionException(shown(source) + ": " + known.getMessage());
            }
        }
        if (e instanceof JexlException.Property || e instanceof JexlException.Variable) {
            for (List<String> path : paths(expression)) {
                String missing = missing(path, scope);
                if (!missing.isEmpty()) {
                    return new ExpressionException(shown(source) + ": " + missing);
                }
            }
        }
        return new ExpressionException(
                shown(source) + ": " + PLACE.matcher(e.getMessage()).replaceFirst(""));
    }

    private static Set<List<String>> paths(JexlExpression expression) {
        return ((JexlScript) expression).getVariables();
    }

    /** Says which part of a path is not there, and what is; empty where all of it is there. */
    private static String missing(List<String> path, Map<String, ?> scope) {
        @Nullable Object at = scope;
        StringBuilder walked = new StringBuilder();
        for (String name : path) {
            switch (at) {
                case Map<?, ?> map when map.containsKey(name) -> at = map.get(name);
                case List<?> list
                when name.matches("[0-9]{1,9}") && Integer.parseInt(name) < list.size() ->
                    at = list.get(Integer.parseInt(name));
                case null, default -> {
                    return walked.isEmpty()
                            ? "there is no '%s'%s".formatted(name, there(at))
                            : "'%s' has no '%s'%s".formatted(walked, name, there(at));
                }
            }
            walked.append(walked.isEmpty() ? "" : ".").append(name);
        }
        return "";
    }

    private static String there(@Nullable Object value) {
        return switch (value) {
            case null -> "; it is null";
            case Map<?, ?> map when map.isEmpty() -> "; it is empty";
            case Map<?, ?> map ->
                "; there are: "
                        + String.join(
                                ", ",
                                map.keySet().stream()
                                        .map(String::valueOf)
                                        .sorted()
                                        .limit(50)
                                        .toList());
            case List<?> list -> "; it is a list of %d".formatted(list.size());
            default -> "; it is a " + value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    private static String shown(String source) {
        return "'%s'".formatted(source.length() <= SHOWN ? source : source.substring(0, SHOWN) + "...");
    }
}
