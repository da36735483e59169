package dev.viber.api.rest;

import org.jspecify.annotations.Nullable;

/** What is to be different about a pool; what is not there stays. */
public record PoolChange(
        @About(value = "How many are kept ready.", example = "4") @Range(min = 0, max = 1000) @Nullable
        Integer warm,

        @About(value = "How many there may be, those in use included.", example = "20")
        @Range(min = 1, max = 1000)
        @Nullable
        Integer most) {}
