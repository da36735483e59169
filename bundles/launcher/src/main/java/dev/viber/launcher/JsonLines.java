package dev.viber.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Each record of the log as one JSON object on a line of its own.
 *
 * <pre>{@code
 * {"ts":"2026-11-25T08:00:00.123Z","level":"info","logger":"dev.viber.agent.Run","thread":"task-7f...",
 *  "msg":"Task 7f... attempt 1 begins","task":"7f...","trace":"4bf92f3577b34da6a3ce929d0e0e4736","viber":"box"}
 * }</pre>
 *
 * <p>{@code error} is the stack trace, where there is one. The ids {@code task}, {@code viber}, {@code step} and {@code
 * trace} are those in whose scope the record was logged, as SLF4J's MDC has them; what a plugin puts there stands beside
 * them. Written by Jackson, which is here in any case; a library for this brings a logging backend of its own, which the
 * JDK's is spared for a quick start.
 */
public final class JsonLines extends Formatter {
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter INSTANT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final List<String> OURS = List.of("ts", "level", "logger", "thread", "msg", "error");

    /** Made by the JDK's logging, by its name. */
    public JsonLines() {
        super();
    }

    @Override
    public String format(LogRecord record) {
        StringWriter line = new StringWriter(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            json.writeStartObject();
            json.writeStringProperty("ts", INSTANT.format(record.getInstant()));
            json.writeStringProperty("level", level(record.getLevel().intValue()));
            json.writeStringProperty("logger", String.valueOf(record.getLoggerName()));
            json.writeStringProperty("thread", thread(record));
            json.writeStringProperty("msg", Redaction.of(formatMessage(record)));
            Map<String, String> scope = MDC.getCopyOfContextMap();
            if (scope != null) {
                new TreeMap<>(scope).forEach((name, value) -> {
                    if (value != null && !OURS.contains(name)) {
                        json.writeStringProperty(name, Redaction.of(value));
                    }
                });
            }
            Throwable thrown = record.getThrown();
            if (thrown != null) {
                json.writeStringProperty("error", Redaction.of(stack(thrown)));
            }
            json.writeEndObject();
        }
        return line.append('\n').toString();
    }

    private static String level(int level) {
        if (level >= 1000) {
            return "error";
        }
        if (level >= 900) {
            return "warn";
        }
        return level >= 800 ? "info" : level >= 500 ? "debug" : "trace";
    }

    // The JDK's handlers work on the thread that logs.
    private static String thread(LogRecord record) {
        @Nullable String name = Thread.currentThread().getName();
        return name == null || name.isEmpty() ? "thread-" + record.getLongThreadID() : name;
    }

    private static String stack(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
