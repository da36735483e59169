package dev.viber.api.rest;

import dev.viber.api.vm.VmSpec;

/** A snapshot to make. */
public record SnapshotRequest(
        @About(value = "Its name, unique among the snapshots there are.", example = "\"logged-in\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        String name) {}
