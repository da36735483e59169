package dev.viber.browser.control;

import dev.viber.api.guest.AgentLog;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a tab's pages wrote on their console, exceptions that nobody caught, and what Chrome said about them. */
final class Console {
    private static final int KEPT = 1_000;

    private final Ring ring = new Ring(KEPT);
    private final AgentLog log;

    Console(AgentLog log) {
        this.log = log;
    }

    Ring ring() {
        return ring;
    }

    void event(String method, Tree p) {
        switch (method) {
            case "Runtime.consoleAPICalled" ->
                add(
                        "console",
                        p.get("type").text(),
                        p.get("args").list().stream().map(Console::text).collect(Collectors.joining(" ")),
                        p.get("stackTrace", "callFrames").list().stream()
                                .findFirst()
                                .orElse(Tree.NOTHING));
            case "Runtime.exceptionThrown" -> {
                Tree details = p.get("exceptionDetails");
                String description = details.get("exception", "description").text();
                add(
                        "exception",
                        "error",
                        description.isEmpty() ? details.get("text").text() : description,
                        details);
            }
            case "Log.entryAdded" -> {
                Tree entry = p.get("entry");
                add(
                        entry.get("source").text(),
                        entry.get("level").text(),
                        entry.get("text").text(),
                        entry);
            }
            default -> {}
        }
    }

    /** A value as a console shows it. */
    static String text(Tree object) {
        Tree value = object.get("value");
        if (!value.isNothing()) {
            return value.value() instanceof String text ? text : Json.write(value);
        }
        String unserializable = object.get("unserializableValue").text();
        String description = object.get("description").text();
        return !unserializable.isEmpty()
                ? unserializable
                : description.isEmpty() ? object.get("type").text() : description;
    }

    private void add(String source, String level, String text, Tree place) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("time", System.currentTimeMillis() / 1000.0);
        entry.put("source", source);
        entry.put("level", level);
        entry.put("text", text);
        entry.put("url", place.get("url").text());
        entry.put("line", place.get("lineNumber").number() + 1);
        ring.add(entry);
        log.write("console", level + ": " + text);
    }
}
