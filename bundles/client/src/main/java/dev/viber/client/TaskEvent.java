package dev.viber.client;

import java.util.Map;

/**
 * An event of a task.
 *
 * @param seq its number in the task, from 1; 0 for {@code lagged}
 * @param kind {@code progress}, {@code completed}...; {@code lagged} where events were forgotten before they were read
 * @param data all of its members: {@code taskId}, {@code seq}, {@code at}, {@code kind} and those of its kind
 */
public record TaskEvent(long seq, String kind, Map<String, Object> data) {}
