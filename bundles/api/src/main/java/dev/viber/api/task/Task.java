package dev.viber.api.task;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task as clients see it.
 *
 * @param id made by the gateway, unique for ever
 * @param goal in words, as submitted
 * @param viberId the viber asked for or, once dispatched, the one that has it; null while any will do
 * @param status {@code pending|running|completed|error|stopped}
 * @param phase finer than status, see {@link TaskLifecycle.Phase}
 * @param attempt 0 before the first dispatch, one more with each; fences off what earlier attempts still send
 * @param result {@code {"summary","outputs"}} and all else the viber sent; null before completion
 * @param error why it failed, for people; null otherwise
 * @param artifacts what can be had of it: {@code {"name","type","bytes","sha256"}}
 * @param usage what it spent and what it may: {@code {"steps":3,"toolCalls":2,"seconds":1.5,"budget":{"toolCalls":5}}}, as
 *     far as its viber told; null before
 * @param lastSeq the {@code seq} of its last event; 1 or more
 * @param traceparent the span this task is: its trace id is the second part; null for a task of before there were any
 * @param waitsFor while it is queued and asked for by itself: why no viber has it yet, for people; null otherwise
 */
public record Task(
        String id,
        String goal,
        @Nullable String viberId,
        String status,
        String phase,
        int attempt,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt,
        @Nullable Map<String, Object> result,
        @Nullable String error,
        List<Map<String, Object>> artifacts,
        @Nullable Map<String, Object> usage,
        long lastSeq,
        @Nullable String traceparent,
        @Nullable String waitsFor) {}
