package dev.viber.api.rest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events of a task.
 *
 * @param items each {@code {"taskId","seq","at","kind",...}}
 * @param next what to ask for as {@code after} to go on; null where these were the last so far
 */
public record TaskEvents(
        List<Map<String, Object>> items, @Nullable Long next) {}
