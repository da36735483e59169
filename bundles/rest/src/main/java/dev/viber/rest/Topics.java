package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Topics as clients name them. */
final class Topics {
    private static final List<String> ALL =
            List.of("task/*", "viber/*", "vm/*", "snapshot/*", "pool/*", "workload/*", "plugin/*");
    private static final Pattern TOPIC = Pattern.compile("[a-z][a-z-]*/(\\*|[A-Za-z0-9._:-]+)");

    private Topics() {}

    /** The topics in a list with commas; all of them for null. */
    static List<String> parse(@Nullable String list) {
        if (list == null || list.isBlank()) {
            return ALL;
        }
        List<String> topics = Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(topic -> !topic.isEmpty())
                .toList();
        for (String topic : topics) {
            if (!TOPIC.matcher(topic).matches()) {
                throw new ProblemException(
                        Kind.INVALID,
                        "topic is '%s'; wanted a topic such as task/* or viber/box".formatted(topic),
                        Map.of("parameter", "topic"));
            }
        }
        return topics.isEmpty() ? ALL : topics;
    }

    /** Whether each of them is one task, so that a stream of them can end. */
    static boolean areTasks(List<String> topics) {
        return topics.stream().allMatch(topic -> topic.startsWith("task/") && !topic.endsWith("*"));
    }

    /** What stands behind the slash. */
    static String id(String topic) {
        return topic.substring(topic.indexOf('/') + 1);
    }
}
