package dev.viber.gateway;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What can be set on a gateway.
 *
 * @param lease how long a viber that went away may stay away before its tasks are given up
 * @param deadline of a task whose client names none
 * @param heartbeatMs what vibers are asked for, in milliseconds
 * @param ping between WebSocket pings; a socket that misses two is closed
 * @param maxFrameBytes of a frame after {@code connected}
 * @param defaultCapacity of a viber that does not say how many tasks it works on at once
 * @param keepEnded how long tasks that ended are kept
 * @param artifacts the folder of their artifacts
 * @param artifactBytes the most bytes of one artifact
 * @param taskArtifactBytes the most bytes of all artifacts of one task
 * @param taskArtifacts how many artifacts one task may have
 */
record Settings(
        Duration lease,
        Duration deadline,
        int heartbeatMs,
        Duration ping,
        int maxFrameBytes,
        int defaultCapacity,
        Duration keepEnded,
        Path artifacts,
        long artifactBytes,
        long taskArtifactBytes,
        int taskArtifacts) {}
