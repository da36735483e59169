package dev.viber.api.rest;

import dev.viber.api.viber.AgentConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is to be changed of a viber; what is not there stays. */
public record ViberChange(
        @About(value = "A name for people.", example = "\"build box\"") @Text(min = 1, max = 200) @Nullable
        String name,

        @About(
                "Applied live on the viber; merged into what it was told before. A member that is null is taken out again.")
        @Members(value = AgentConfig.class, open = false)
        @Nullable
        Map<String, Object> config) {}
