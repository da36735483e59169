package dev.viber.api.rest;

import dev.viber.api.task.TaskOptions;
import dev.viber.api.viber.ViberDesk;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task to take in. */
public record TaskRequest(
        @About(value = "What is to be done, in words.", example = "\"Count the TODOs\"") @Text(min = 1, max = 1_000_000)
        String goal,

        @About("The viber that is to do it; any able one where it is not there.")
        @Text(pattern = ViberDesk.ID_PATTERN)
        @Nullable
        String viberId,

        @About("How it is to be done; members unknown here travel on unchanged.") @Members(TaskOptions.class) @Nullable
        Map<String, Object> options) {}
