package dev.viber.api.rest;

/** What a viber has to hand in. */
public record ArtifactOffer(
        @About("A file name, unique within the task.") @Text(min = 1, max = 200)
        String name,

        @About("Its media type.") @Text(min = 1, max = 200) String type,

        @About("How large it is.") @Range(min = 0) long bytes,

        @About("SHA-256 of its bytes.") @Text(pattern = "[0-9a-f]{64}")
        String sha256,

        @About("The attempt at the task that made it.") @Range(min = 1)
        int attempt) {}
