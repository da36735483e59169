package dev.viber.api.lifecycle;

import java.util.List;

/** An event came that the entity's state has no transition for; the message names entity, state, event and history. */
public final class ImpossibleTransitionException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ImpossibleTransitionException(String entity, String id, Enum<?> state, Enum<?> event, List<?> history) {
        super("%s %s is %s, where %s is impossible%s"
                .formatted(entity, id, state, event, history.isEmpty() ? "" : "; history: " + history));
    }
}
