package dev.viber.api.rest;

import org.jspecify.annotations.Nullable;

/** A message to a task. */
public record MessageRequest(
        @About(value = "The text.", example = "\"Only in Java files\"") @Text(min = 1, max = 1_000_000)
        String message,

        @About("How it is taken in: ahead of what waits, after the present turn (the default), or with others.")
        @Words({"steer", "followup", "collect"})
        @Nullable
        String mode) {}
