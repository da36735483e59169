package dev.viber.api.viber;

import dev.viber.api.rest.About;
import dev.viber.api.rest.Range;
import dev.viber.api.rest.Text;
import dev.viber.api.rest.Words;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code config:update} may change on a running viber; a part that is null is as the viber was started.
 *
 * @param capacity tasks at once, 1 to 256
 * @param heartbeatMs 1,000 to 300,000
 * @param logLevel {@code trace|debug|info|warn|error}
 * @param tools by tool name: {@code {"enabled":false}}
 * @param policy {@code {"unknownOutcome":"ask|retry|fail","rules":[...],"defaults":{},"approval":{},"budget":{}}}, as
 *     {@code docs/policy.md} tells
 */
public record AgentConfig(
        @About("A name for people; the viber is shown by it at once.") @Text(min = 1, max = 200) @Nullable
        String name,

        @About("How many tasks at once.") @Range(min = 1, max = 256) @Nullable
        Integer capacity,

        @About("Milliseconds between heartbeats.") @Range(min = 1_000, max = 300_000) @Nullable
        Integer heartbeatMs,

        @About("What is logged.") @Words({"trace", "debug", "info", "warn", "error"}) @Nullable
        String logLevel,

        @About(value = "Tools by name.", example = "{\"file.delete\":{\"enabled\":false}}") @Nullable
        Map<String, Object> tools,

        @Nullable Map<String, Object> policy,
        @Nullable Map<String, Object> model) {}
