package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.task.TaskDesk.Page;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Pages of lists that are given whole. */
final class Pages {
    private Pages() {}

    /** The page a call asks for; its cursor is the id of the last item of the page before. */
    static <T> Page<T> cut(List<T> items, Function<T, String> id, Call<?> call) {
        int from = 0;
        String cursor = call.optional("cursor");
        if (cursor != null) {
            while (from < items.size() && !id.apply(items.get(from)).equals(cursor)) {
                from++;
            }
            if (from == items.size()) {
                throw new ProblemException(
                        Kind.INVALID,
                        "cursor is '%s'; wanted the next of an earlier page of this list".formatted(cursor),
                        Map.of("parameter", "cursor"));
            }
            from++;
        }
        int to = (int) Math.min(items.size(), from + call.number("limit"));
        List<T> page = List.copyOf(items.subList(from, to));
        return new Page<>(page, to < items.size() ? id.apply(page.getLast()) : null);
    }
}
