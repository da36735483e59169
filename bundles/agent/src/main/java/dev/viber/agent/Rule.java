package dev.viber.agent;

import dev.viber.api.problem.ProblemException;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy: which calls it is about, and what becomes of them.
 *
 * @param tool fits the tool's name
 * @param with fits arguments, by name
 * @param path fits what the call's path arguments name; null for any call
 * @param reason for people; null for none
 * @param text the rule, which tells it from others: the same in whatever order its members were kept
 */
record Rule(
        Wildcard tool,
        Map<String, Wildcard> with,
        @Nullable PathPattern path,
        Effect effect,
        @Nullable String reason,
        String text) {
    private static final Set<String> MEMBERS = Set.of("tool", "with", "path", "effect", "reason");

    /** A glob over paths: relative ones from the workspace, or absolute ones. */
    record PathPattern(String glob, PathMatcher matcher) {
        boolean matches(CallPaths.Named named) {
            String text = glob.startsWith("/") ? named.absolute() : named.relative();
            if (text == null) {
                return false;
            }
            // A folder with all in it is also the folder itself.
            boolean itself = glob.endsWith("/**") && text.equals(glob.substring(0, glob.length() - 3));
            return itself || glob.equals("**") || matcher.matches(Path.of(text));
        }
    }

    /** Reads a rule; {@code pointer} says where it stands. */
    static Rule of(@Nullable Object given, String pointer) {
        if (!(given instanceof Map<?, ?> members)) {
            throw wrong(pointer, given, "an object such as {\"tool\":\"file.*\",\"effect\":\"deny\"}");
        }
        for (Object name : members.keySet()) {
            if (!MEMBERS.contains(String.valueOf(name))) {
                throw wrong(pointer + "/" + name, members.get(name), "one of tool, with, path, effect and reason");
            }
        }
        Map<String, Wildcard> with = new LinkedHashMap<>();
        if (members.get("with") instanceof Map<?, ?> patterns) {
            patterns.forEach((name, pattern) -> with.put(
                    String.valueOf(name),
                    new Wildcard(text(pattern, pointer + "/with/" + name, "a pattern such as *.txt"))));
        } else if (members.get("with") != null) {
            throw wrong(pointer + "/with", members.get("with"), "an object of patterns by argument");
        }
        Object path = members.get("path");
        Object reason = members.get("reason");
        return new Rule(
                new Wildcard(text(members.get("tool"), pointer + "/tool", "a pattern such as file.*")),
                with,
                path == null ? null : pathPattern(text(path, pointer + "/path", "a glob such as secret/**"), pointer),
                Effect.of(members.get("effect"), pointer + "/effect"),
                reason == null ? null : text(reason, pointer + "/reason", "a text"),
                Json.canonical(members));
    }

    private static PathPattern pathPattern(String glob, String pointer) {
        try {
            return new PathPattern(glob, FileSystems.getDefault().getPathMatcher("glob:" + glob));
        } catch (PatternSyntaxException | InvalidPathException e) {
            throw wrong(pointer + "/path", glob, "a glob such as secret/**: " + e.getMessage());
        }
    }

    private static String text(@Nullable Object value, String pointer, String wanted) {
        if (value instanceof String text && !text.isBlank() && text.length() <= 4_096) {
            return text;
        }
        throw wrong(pointer, value, wanted);
    }

    static ProblemException wrong(String pointer, @Nullable Object value, String wanted) {
        return ProblemException.invalid(
                pointer, "%s is '%s'; wanted %s".formatted(pointer.substring(1).replace('/', '.'), value, wanted));
    }

    /**
     * Whether the rule is about this call. One that allows wants all a call names to fit; one that denies or asks, any of
     * it.
     */
    boolean matches(String name, Map<String, Object> arguments, CallPaths paths) {
        return tool.matches(name)
                && with.entrySet().stream().allMatch(entry -> fits(arguments.get(entry.getKey()), entry.getValue()))
                && (path == null || quantified(paths.named(), path::matches));
    }

    private boolean fits(@Nullable Object value, Wildcard pattern) {
        if (value == null) {
            return false;
        }
        List<String> texts = new ArrayList<>();
        for (Object each : value instanceof List<?> list ? list : List.of(value)) {
            texts.add(each instanceof String text ? text : Json.write(each));
        }
        return quantified(texts, pattern::matches);
    }

    private <T> boolean quantified(List<T> all, Predicate<T> fits) {
        return effect == Effect.ALLOW
                ? !all.isEmpty() && all.stream().allMatch(fits)
                : all.stream().anyMatch(fits);
    }
}
