package dev.viber.api.lifecycle;

import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A life cycle as a table of transitions: given a state and an event, it says the next state or that there is none.
 *
 * <pre>{@code
 * static final Lifecycle<Phase, Trigger> TABLE = Lifecycle.of("task", Phase.class, Trigger.class, Phase.QUEUED)
 *         .on(Trigger.DISPATCH, Phase.DISPATCHED, Phase.QUEUED)
 *         .on(Trigger.START, Phase.RUNNING, Phase.DISPATCHED)
 *         .build();
 * Phase next = TABLE.next("task 7f3a", Phase.QUEUED, Trigger.DISPATCH, List.of());
 * }</pre>
 *
 * <p>Immutable and safe for use by several threads. The table does no I/O; side effects hang on the caller.
 *
 * @param <S> the states
 * @param <E> the events
 */
public final class Lifecycle<S extends Enum<S>, E extends Enum<E>> {
    private final String entity;
    private final S initial;
    private final Map<S, Map<E, S>> table;
    private final Set<S> terminal;

    private Lifecycle(Builder<S, E> builder) {
        entity = builder.entity;
        initial = builder.initial;
        table = builder.table;
        terminal = EnumSet.noneOf(builder.states);
        for (S state : EnumSet.allOf(builder.states)) {
            if (!table.containsKey(state)) {
                terminal.add(state);
            }
        }
    }

    /** Begins a table for entities of the given name, all of which start in {@code initial}. */
    public static <S extends Enum<S>, E extends Enum<E>> Builder<S, E> of(
            String entity, Class<S> states, Class<E> events, S initial) {
        return new Builder<>(entity, states, events, initial);
    }

    /** The state every entity starts in. */
    public S initial() {
        return initial;
    }

    /** Whether no event leads out of this state. */
    public boolean isTerminal(S state) {
        return terminal.contains(state);
    }

    /** The state the event leads to, or empty where the table has no such transition. */
    public Optional<S> find(S state, E event) {
        return Optional.ofNullable(table.getOrDefault(state, Map.of()).get(event));
    }

    /**
     * The state the event leads to.
     *
     * @param id names the entity in the error
     * @param history what happened to it before, oldest first, for the error
     * @throws ImpossibleTransitionException where the table has no such transition
     */
    public S next(String id, S state, E event, Collection<?> history) {
        return find(state, event)
                .orElseThrow(() -> new ImpossibleTransitionException(entity, id, state, event, List.copyOf(history)));
    }

    /** The table as a Mermaid state diagram, the form in which {@code docs/} shows it. */
    public String toMermaid() {
        StringBuilder out = new StringBuilder("stateDiagram-v2\n    [*] --> ")
                .append(word(initial))
                .append('\n');
        Map<String, StringBuilder> labels = new LinkedHashMap<>();
        table.forEach((from, row) -> row.forEach((event, to) -> labels.merge(
                "    " + word(from) + " --> " + word(to),
                new StringBuilder(word(event)),
                (had, more) -> had.append(", ").append(more))));
        labels.forEach(
                (edge, label) -> out.append(edge).append(" : ").append(label).append('\n'));
        terminal.forEach(state -> out.append("    ").append(word(state)).append(" --> [*]\n"));
        return out.toString();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Collects the rows of a {@link Lifecycle}. */
    public static final class Builder<S extends Enum<S>, E extends Enum<E>> {
        private final String entity;
        private final Class<S> states;
        private final Class<E> events;
        private final S initial;
        private final Map<S, Map<E, S>> table;

        private Builder(String entity, Class<S> states, Class<E> events, S initial) {
            this.entity = entity;
            this.states = states;
            this.events = events;
            this.initial = initial;
            this.table = new EnumMap<>(states);
        }

        /**
         * Adds the rows "in any of {@code from}, {@code event} leads to {@code to}".
         *
         * @throws IllegalArgumentException where a state has a row for this event already
         */
        @SafeVarargs
        public final Builder<S, E> on(E event, S to, S... from) {
            for (S state : from) {
                S had = table.computeIfAbsent(state, s -> new EnumMap<>(events)).put(event, to);
                if (had != null) {
                    throw new IllegalArgumentException(
                            "%s: two rows for %s in state %s".formatted(entity, event, state));
                }
            }
            return this;
        }

        /** The finished table; states no row leaves are terminal. */
        public Lifecycle<S, E> build() {
            return new Lifecycle<>(this);
        }
    }
}
