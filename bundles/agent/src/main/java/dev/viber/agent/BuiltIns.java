package dev.viber.agent;

import dev.viber.api.store.Tables.ArtifactRow;
import dev.viber.api.task.StreamEvent;
import dev.viber.api.tool.Touches;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the steps that need no tool mean by their arguments. */
final class BuiltIns {
    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error");

    /** An artifact whose bytes lie on the disk. */
    record Artifact(ArtifactRow row) {
        StreamEvent.ArtifactMade event() {
            return new StreamEvent.ArtifactMade(row.name(), row.type(), row.bytes(), row.sha256());
        }

        Map<String, Object> shown() {
            return Map.of("name", row.name(), "type", row.type(), "bytes", row.bytes(), "sha256", row.sha256());
        }
    }

    /** What the step {@code artifact} touches. */
    static final Touches ARTIFACT = Touches.reading("path");

    private BuiltIns() {}

    /** When {@code wait {for|until}} ends. */
    static Instant timer(Map<String, Object> arguments) {
        Object howLong = arguments.get("for");
        Object until = arguments.get("until");
        if ((howLong == null) == (until == null)) {
            throw new IllegalArgumentException("wait: wanted one of for (a duration) and until (an instant)");
        }
        if (howLong != null) {
            return Instant.now().plus(Durations.of(howLong)).truncatedTo(ChronoUnit.MILLIS);
        }
        return until(until);
    }

    /** Whether {@code wait} is to end later than this, although it may take no longer. */
    static boolean isCutShort(Map<String, Object> arguments, Instant end, Duration timeout) {
        Object howLong = arguments.get("for");
        return howLong == null
                ? until(arguments.getOrDefault("until", "")).isAfter(end)
                : Durations.of(howLong).compareTo(timeout) > 0;
    }

    private static Instant until(Object until) {
        try {
            return Instant.parse(until.toString()).truncatedTo(ChronoUnit.MILLIS);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "wait: until '%s': wanted an instant such as 2026-11-24T08:00:00Z".formatted(until), e);
        }
    }

    /** The line of {@code log {message, level?}}. */
    static StreamEvent.Log log(Map<String, Object> arguments) {
        Object message = arguments.get("message");
        if (message == null) {
            throw new IllegalArgumentException("log: wanted a message");
        }
        String level = String.valueOf(arguments.getOrDefault("level", "info"));
        if (!LEVELS.contains(level)) {
            throw new IllegalArgumentException("log: level '%s': wanted one of %s".formatted(level, LEVELS));
        }
        return new StreamEvent.Log(level, message instanceof String text ? text : Json.write(message));
    }

    /** Stores what {@code artifact {name, text|base64|path, type?}} names. */
    static Artifact artifact(Map<String, Object> arguments, String taskId, Spaces spaces, Path workspace)
            throws IOException {
        Object name = arguments.get("name");
        if (name == null) {
            throw new IllegalArgumentException("artifact: wanted a name");
        }
        long sources = List.of("text", "base64", "path").stream()
                .filter(source -> arguments.get(source) != null)
                .count();
        if (sources != 1) {
            throw new IllegalArgumentException(
                    "artifact %s: wanted exactly one of text, base64 and path, there are %d".formatted(name, sources));
        }
        try (InputStream bytes = bytes(arguments, workspace)) {
            String type = String.valueOf(arguments.getOrDefault(
                    "type", arguments.get("text") == null ? "application/octet-stream" : "text/plain"));
            return artifact(name.toString(), type, bytes, taskId, spaces);
        }
    }

    /** Stores these bytes. */
    static Artifact artifact(String name, String type, InputStream bytes, String taskId, Spaces spaces)
            throws IOException {
        String known = mediaType(type);
        Spaces.Stored stored = spaces.store(taskId, name, bytes);
        return new Artifact(new ArtifactRow(
                taskId,
                name,
                known,
                stored.bytes(),
                stored.sha256(),
                stored.place().toString(),
                Instant.now()));
    }

    private static String mediaType(String type) {
        if (!type.matches("[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}(;[\\x20-\\x7e]{0,70})?")) {
            throw new IllegalArgumentException(
                    "artifact: type '%s': wanted a media type such as text/plain".formatted(type));
        }
        return type;
    }

    private static InputStream bytes(Map<String, Object> arguments, Path workspace) throws IOException {
        @Nullable Object text = arguments.get("text");
        @Nullable Object base64 = arguments.get("base64");
        if (text != null) {
            String plain = text instanceof String given ? given : Json.write(text);
            return new ByteArrayInputStream(plain.getBytes(StandardCharsets.UTF_8));
        }
        return base64 != null
                ? new ByteArrayInputStream(Base64.getDecoder().decode(base64.toString()))
                : Spaces.read(workspace, String.valueOf(arguments.get("path")));
    }
}
