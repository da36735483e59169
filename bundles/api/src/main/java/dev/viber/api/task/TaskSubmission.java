package dev.viber.api.task;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for.
 *
 * @param goal in words; not blank
 * @param viberId the viber that is to do it; null for the first able one
 * @param options the shape of {@link TaskOptions}, with whatever else the client put in; empty for none
 * @param idempotencyKey a second submission with the same key answers with the first one's task; null for none
 * @param traceparent the client's span, of which the task becomes a child; null, or what is no traceparent, for a new
 *     trace
 */
public record TaskSubmission(
        String goal,
        @Nullable String viberId,
        Map<String, Object> options,
        @Nullable String idempotencyKey,
        @Nullable String traceparent) {}
