package dev.viber.agent;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.task.Budget;
import dev.viber.api.tool.Touches;
import dev.viber.api.tool.Touches.Access;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What calls are made, what they are asked about and what a task may spend, where nothing else is said.
 *
 * @param unknownOutcome what a call leads to of which it is not known whether it was made
 * @param rules in order; the first that fits decides
 * @param defaults what becomes of a call that fits none, by what its tool touches; the strictest counts
 * @param timeout how long a question waits for its answer; null for ever
 * @param onTimeout what is done then
 * @param budget of a task that names none
 */
record Policy(
        UnknownOutcome unknownOutcome,
        List<Rule> rules,
        Map<Access, Effect> defaults,
        @Nullable Duration timeout,
        OnTimeout onTimeout,
        Budget budget) {
    private static final Set<String> MEMBERS = Set.of("unknownOutcome", "rules", "defaults", "approval", "budget");
    private static final int MOST_RULES = 1_000;

    /** What happens where it is not known whether a call that may not be repeated was made. */
    enum UnknownOutcome {
        /** A person is asked. */
        ASK,
        /** It is made again. */
        RETRY,
        /** Its step fails. */
        FAIL;

        /** The policy of this word. @throws ProblemException where there is none */
        static UnknownOutcome of(@Nullable Object word) {
            return Policy.word(UnknownOutcome.class, word, "/policy/unknownOutcome", "one of ask, retry, fail");
        }
    }

    /** What happens where nobody answered in time. */
    enum OnTimeout {
        /** As if a person had said no: the step fails. */
        DENY,
        /** As if a person had said yes. */
        ALLOW,
        /** The task fails, whatever the step's {@code onError}. */
        FAIL
    }

    /**
     * What a policy says of a call.
     *
     * @param reason for people
     * @param key tells what an answer to it is remembered for
     */
    record Verdict(Effect effect, String reason, String key) {}

    /**
     * A policy from its two sources.
     *
     * @param base of the viber's own configuration: its rules go first, and nobody else can take them away
     * @param told by {@code config:update}: its other members go before those of the base
     * @throws ProblemException where a part is wrong, naming it
     */
    static Policy of(String unknownOutcome, Map<String, Object> base, Map<String, Object> told) {
        for (Map<String, Object> part : List.of(base, told)) {
            for (String member : part.keySet()) {
                if (!MEMBERS.contains(member)) {
                    throw Rule.wrong(
                            "/policy/" + member,
                            part.get(member),
                            "some of " + MEMBERS.stream().sorted().toList());
                }
            }
        }
        Object outcome = told.getOrDefault("unknownOutcome", base.getOrDefault("unknownOutcome", unknownOutcome));
        Map<?, ?> approval = object(told.getOrDefault("approval", base.get("approval")), "/policy/approval");
        for (Object member : approval.keySet()) {
            if (!Set.of("timeout", "onTimeout").contains(String.valueOf(member))) {
                throw Rule.wrong("/policy/approval/" + member, approval.get(member), "timeout or onTimeout");
            }
        }
        List<Rule> rules = new ArrayList<>(rules(base));
        rules.addAll(rules(told));
        return new Policy(
                UnknownOutcome.of(outcome),
                List.copyOf(rules),
                defaults(object(told.getOrDefault("defaults", base.get("defaults")), "/policy/defaults")),
                timeout(approval.get("timeout")),
                approval.get("onTimeout") == null
                        ? OnTimeout.DENY
                        : word(
                                OnTimeout.class,
                                approval.get("onTimeout"),
                                "/policy/approval/onTimeout",
                                "one of deny, allow, fail"),
                Budget.of(told.getOrDefault("budget", base.get("budget")), "/policy/budget"));
    }

    private static List<Rule> rules(Map<String, Object> part) {
        Object given = part.get("rules");
        if (given == null) {
            return List.of();
        }
        if (!(given instanceof List<?> list) || list.size() > MOST_RULES) {
            throw Rule.wrong("/policy/rules", "what was given", "a list of at most %d rules".formatted(MOST_RULES));
        }
        List<Rule> rules = new ArrayList<>();
        for (Object rule : list) {
            rules.add(Rule.of(rule, "/policy/rules/" + rules.size()));
        }
        return rules;
    }

    private static Map<Access, Effect> defaults(Map<?, ?> given) {
        Map<Access, Effect> defaults = new EnumMap<>(Access.class);
        // What starts a process can do whatever the viber's user can.
        defaults.put(Access.PROCESS, Effect.ASK);
        given.forEach((name, effect) -> defaults.put(
                word(Access.class, name, "/policy/defaults", "read, write, network or process"),
                Effect.of(effect, "/policy/defaults/" + name)));
        return defaults;
    }

    private static @Nullable Duration timeout(@Nullable Object given) {
        if (given == null) {
            return null;
        }
        try {
            Duration timeout = Durations.of(given);
            if (timeout.isPositive()) {
                return timeout;
            }
        } catch (IllegalArgumentException e) {
            throw Rule.wrong("/policy/approval/timeout", given, "a duration such as 30s or 1h30m");
        }
        throw Rule.wrong("/policy/approval/timeout", given, "a duration such as 30s or 1h30m");
    }

    private static Map<?, ?> object(@Nullable Object given, String pointer) {
        if (given == null) {
            return Map.of();
        }
        if (given instanceof Map<?, ?> map) {
            return map;
        }
        throw Rule.wrong(pointer, given, "an object");
    }

    private static <E extends Enum<E>> E word(Class<E> type, @Nullable Object word, String pointer, String wanted) {
        for (E value : type.getEnumConstants()) {
            if (value.name().toLowerCase(java.util.Locale.ROOT).equals(word)) {
                return value;
            }
        }
        throw Rule.wrong(pointer, word, wanted);
    }

    /** What is to become of a call. */
    Verdict judge(String tool, Touches touches, Map<String, Object> arguments, Path workspace) {
        // Where links lead is looked up only if somebody asks.
        boolean asksForPaths = rules.stream().anyMatch(rule -> rule.path() != null);
        CallPaths paths = asksForPaths ? CallPaths.of(touches, arguments, workspace) : new CallPaths(List.of());
        for (Rule rule : rules) {
            if (rule.matches(tool, arguments, paths)) {
                String reason = rule.reason();
                return new Verdict(
                        rule.effect(),
                        reason == null ? "a rule of this viber's policy" : reason,
                        "rule " + tool + " " + rule.text());
            }
        }
        Effect strictest = touches.access().stream()
                .map(access -> defaults.getOrDefault(access, Effect.ALLOW))
                .max(Comparator.naturalOrder())
                .orElse(Effect.ALLOW);
        List<String> touched =
                touches.access().stream().map(Access::word).sorted().toList();
        return new Verdict(strictest, "the default for what touches " + String.join(", ", touched), "default " + tool);
    }
}
