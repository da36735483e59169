package dev.viber.pools;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.State;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which pool a session is of, or is to be of. */
final class Choice {
    private Choice() {}

    /** The pool where there is a session of this id, or where somebody waits for it. */
    static Optional<State> had(List<State> states, String id) {
        return states.stream()
                .filter(state -> state.sessions().stream()
                                .anyMatch(one -> one.id().equals(id))
                        || state.queue().stream().anyMatch(one -> one.id().equals(id)))
                .findFirst();
    }

    /**
     * The pool that a session is to be of: where it is already, or is waited for; else one that has what is asked for.
     *
     * @param id of the session, as pools know it
     * @throws ProblemException not found where there is no such pool; forbidden where none has the egress
     */
    static State of(List<State> states, BrowserRequest request, String id) {
        Optional<State> had = had(states, id);
        if (had.isPresent()) {
            return had.get();
        }
        String wanted = request.pool();
        List<State> named = states.stream()
                .filter(state -> wanted == null || state.pool().name().equals(wanted))
                .toList();
        if (named.isEmpty()) {
            throw wanted == null
                    ? new ProblemException(
                            Kind.NOT_FOUND, "there is no pool of microVMs; 'viper pools create' makes one")
                    : ProblemException.notFound("pool", wanted);
        }
        List<String> egress = Objects.requireNonNullElse(request.egress(), List.of());
        List<State> fit = named.stream()
                .filter(state -> lacks(state.pool(), egress).isEmpty())
                .toList();
        if (fit.isEmpty()) {
            throw new ProblemException(
                    Kind.FORBIDDEN,
                    "egress is the pool's, and no viber widens it: "
                            + named.stream()
                                    .map(state -> "pool %s does not have %s"
                                            .formatted(
                                                    state.pool().name(),
                                                    String.join(", ", lacks(state.pool(), egress))))
                                    .collect(Collectors.joining("; ")));
        }
        return fit.stream()
                .filter(state -> state.ready() > 0)
                .findFirst()
                .or(() -> fit.stream().filter(state -> state.trouble() == null).findFirst())
                .orElse(fit.getFirst());
    }

    private static List<String> lacks(Pool pool, List<String> egress) {
        List<String> out = new ArrayList<>(egress);
        out.removeAll(Objects.requireNonNullElse(pool.egress(), List.of()));
        return out;
    }
}
