package dev.viber.api.task;

import java.time.Instant;

/**
 * A named output of a task whose bytes can be had.
 *
 * @param name a file name, unique within its task
 * @param type the media type its maker gave it
 * @param sha256 of the bytes, lower-case hex
 * @param createdAt when the last byte of it was durable
 */
public record Artifact(String name, String type, long bytes, String sha256, Instant createdAt) {}
