package dev.viber.api.viber;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code config:update} may change on a running viber; null leaves a part as it is.
 *
 * @param capacity tasks at once, 1 to 256
 * @param heartbeatMs 1,000 to 300,000
 * @param logLevel {@code trace|debug|info|warn|error}
 * @param tools by tool name: {@code {"enabled":false}}
 * @param policy {@code {"unknownOutcome":"ask|retry|fail","rules":[...],"defaults":{},"approval":{},"budget":{}}}, as
 *     {@code docs/policy.md} tells
 */
public record AgentConfig(
        @Nullable String name,
        @Nullable Integer capacity,
        @Nullable Integer heartbeatMs,
        @Nullable String logLevel,
        @Nullable Map<String, Object> tools,
        @Nullable Map<String, Object> policy,
        @Nullable Map<String, Object> model) {}
