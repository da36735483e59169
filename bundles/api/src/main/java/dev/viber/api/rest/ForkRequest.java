package dev.viber.api.rest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** VMs to make of one that runs. */
public record ForkRequest(
        @About(value = "Their names; or else count.", example = "[\"web-2\", \"web-3\"]") @Nullable
        List<String> names,

        @About(
                value =
                        "How many; they are named after the VM, with -f1, -f2 and so on behind it. One where neither is there.",
                example = "10")
        @Range(min = 1, max = 100)
        @Nullable
        Integer count) {}
