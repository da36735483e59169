package dev.viber.cli;

import dev.viber.api.task.TaskDesk.Page;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a list page by page. */
final class Pages {
    private static final int LARGEST = 1000;

    private Pages() {}

    /**
     * Up to {@code limit} items.
     *
     * @param filter members of the query; those that are null are left out
     */
    static <T> List<T> read(
            int limit, Map<String, @Nullable Object> filter, Function<Map<String, @Nullable Object>, Page<T>> ask) {
        List<T> out = new ArrayList<>();
        String cursor = null;
        do {
            Map<String, @Nullable Object> query = new LinkedHashMap<>(filter);
            query.put("limit", Math.min(LARGEST, limit - out.size()));
            query.put("cursor", cursor);
            Page<T> page = ask.apply(query);
            out.addAll(page.items());
            cursor = page.next();
        } while (cursor != null && out.size() < limit);
        return out;
    }
}
