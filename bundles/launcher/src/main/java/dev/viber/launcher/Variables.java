package dev.viber.launcher;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts values in the place of {@code ${name}}; a value may itself name variables. */
final class Variables {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]+)}");

    private final Map<String, @Nullable String> values;

    /** The defaults, overridden by what was given. */
    Variables(Map<String, @Nullable String> defaults, Map<String, String> given) {
        values = new HashMap<>(defaults);
        values.putAll(given);
    }

    /**
     * The text with every variable replaced.
     *
     * @param where names the place in the error
     * @throws LaunchException for a variable that has no value or that leads back to itself
     */
    String fill(String text, String where) throws LaunchException {
        return fill(text, where, new ArrayDeque<>());
    }

    /**
     * A configuration with every variable replaced.
     *
     * <p>A property that is one whole variable and comes out empty is left out, so that the component's own default holds.
     */
    Map<String, Object> fill(String pid, Map<String, Object> properties) throws LaunchException {
        Map<String, Object> out = new TreeMap<>();
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            String where = "configuration " + pid + ", property " + property.getKey();
            if (property.getValue() instanceof String text) {
                String filled = fill(text, where);
                if (!filled.isEmpty() || !REFERENCE.matcher(text).matches()) {
                    out.put(property.getKey(), filled);
                }
            } else if (property.getValue() instanceof String[] texts) {
                List<String> filled = new ArrayList<>();
                for (String text : texts) {
                    filled.add(fill(text, where));
                }
                out.put(property.getKey(), filled.toArray(String[]::new));
            } else {
                out.put(property.getKey(), property.getValue());
            }
        }
        return out;
    }

    private String fill(String text, String where, Deque<String> path) throws LaunchException {
        if (text.indexOf("${") < 0) {
            return text;
        }
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1);
            if (path.contains(name)) {
                throw new LaunchException(where + ": the variable ${" + name + "} leads back to itself");
            }
            String value = values.get(name);
            if (value == null) {
                throw new LaunchException(where + ": the variable ${" + name + "} has no value; known are "
                        + new TreeSet<>(values.keySet()));
            }
            path.push(name);
            matcher.appendReplacement(out, Matcher.quoteReplacement(fill(value, where, path)));
            path.pop();
        }
        return matcher.appendTail(out).toString();
    }
}
