package dev.viber.launcher;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whatever a file can set, an environment variable can: {@code VIBER_TOOL_FILE_MAX_BYTES} (or {@code VIPER_}...) is the
 * property {@code max.bytes} of the PID {@code dev.viber.tool.file}.
 *
 * <p>The longest PID that fits is taken; of a factory configuration the name behind {@code ~} belongs to it
 * ({@code VIBER_STORE_SQLITE_GATEWAY_PATH}), and without the name all of the factory are meant.
 */
final class EnvironmentOverrides {
    private static final String OURS = "dev.viber.";
    private static final List<String> PREFIXES = List.of("VIPER_", "VIBER_");

    private EnvironmentOverrides() {}

    /**
     * Lays the environment over the configurations; variables that fit no PID are somebody else's.
     *
     * @param olderNames further names of variables, each for what would stand behind {@code VIBER_}
     */
    static void apply(
            Map<String, Map<String, Object>> configurations,
            Map<String, String> environment,
            Map<String, List<String>> olderNames) {
        // First, so that a variable of our own wins.
        olderNames.forEach((name, words) -> {
            String value = environment.getOrDefault(name, "");
            if (!value.isBlank()) {
                words.forEach(each -> apply(configurations, each, value));
            }
        });
        // Sorted by length, so that what names one of a factory comes after, and wins over, what means them all.
        List<Map.Entry<String, String>> sorted = new TreeMap<>(environment)
                .entrySet().stream()
                        .sorted(Comparator.comparingInt(each -> each.getKey().length()))
                        .toList();
        for (String prefix : PREFIXES) {
            for (Map.Entry<String, String> variable : sorted) {
                if (variable.getKey().startsWith(prefix)) {
                    apply(configurations, variable.getKey().substring(prefix.length()), variable.getValue());
                }
            }
        }
    }

    private static void apply(Map<String, Map<String, Object>> configurations, String words, String value) {
        int longest = configurations.keySet().stream()
                .flatMap(pid -> heads(pid).stream())
                .filter(head -> words.startsWith(head + "_") && words.length() > head.length() + 1)
                .mapToInt(String::length)
                .max()
                .orElse(-1);
        if (longest < 0) {
            return;
        }
        String head = words.substring(0, longest);
        String tail = words.substring(longest + 1);
        configurations.forEach((pid, properties) -> {
            if (heads(pid).contains(head)) {
                String name = properties.keySet().stream()
                        .filter(each -> words(each).equals(tail))
                        .findFirst()
                        .orElseGet(() -> tail.toLowerCase(Locale.ROOT).replace('_', '.'));
                properties.put(
                        name, properties.get(name) instanceof Object[] ? value.split("\\s*,\\s*", -1) : (Object) value);
            }
        });
    }

    /** The words that stand for a PID: its own, and for one of a factory those of the factory as well. */
    private static List<String> heads(String pid) {
        if (!pid.startsWith(OURS)) {
            return List.of();
        }
        String rest = pid.substring(OURS.length());
        int tilde = rest.indexOf('~');
        return tilde < 0 ? List.of(words(rest)) : List.of(words(rest), words(rest.substring(0, tilde)));
    }

    private static String words(String name) {
        return name.replaceAll("[.~-]", "_").toUpperCase(Locale.ROOT);
    }
}
