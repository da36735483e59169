package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.task.Expressions;
import dev.viber.api.task.Planner;
import dev.viber.api.tool.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What all runs of one agent share. */
record Parts(
        Gate<Store> store,
        Offers<Tool> tools,
        Offers<Planner> planners,
        Gate<Expressions> expressions,
        Arguments arguments,
        Slots slots,
        Traffic traffic,
        Wishes wishes,
        Spaces spaces,
        int parallel,
        Duration callTimeout,
        Path workspace) {

    /** What may be changed while runs are under way. */
    static final class Wishes {
        volatile UnknownOutcome unknownOutcome;
        volatile Set<String> disabledTools = Set.of();
        /** What holds where the configuration says nothing. */
        final UnknownOutcome standard;

        Wishes(UnknownOutcome unknownOutcome) {
            this.unknownOutcome = unknownOutcome;
            standard = unknownOutcome;
        }
    }

    /** What happens where it is not known whether a call that may not be repeated was made. */
    enum UnknownOutcome {
        /** A person is asked. */
        ASK,
        /** It is made again. */
        RETRY,
        /** Its step fails. */
        FAIL;

        /** The policy of this word. @throws ProblemException where there is none */
        static UnknownOutcome of(String word) {
            return Arrays.stream(values())
                    .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(word))
                    .findFirst()
                    .orElseThrow(() -> ProblemException.invalid(
                            "/policy/unknownOutcome",
                            "policy.unknownOutcome '%s': wanted one of %s"
                                    .formatted(
                                            word,
                                            Arrays.stream(values())
                                                    .map(value -> value.name().toLowerCase(Locale.ROOT))
                                                    .collect(Collectors.joining(", ")))));
        }
    }
}
