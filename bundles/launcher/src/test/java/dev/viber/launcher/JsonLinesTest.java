package dev.viber.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

class JsonLinesTest {
    private static final String TOKEN = "vbr_0123456789abcdef01_AAAAbbbbCCCCdddd-_EEEEffffGGGGhhhhIIIIjjjjK";

    @AfterEach
    void leave() {
        MDC.clear();
    }

    private static LogRecord record(Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName("dev.viber.agent.Run");
        record.setInstant(Instant.parse("2026-11-25T08:00:00.120Z"));
        return record;
    }

    private static JsonNode line(LogRecord record) {
        String line = new JsonLines().format(record);
        assertThat(line).endsWith("}\n").doesNotContain("\n{").hasSizeGreaterThan(2);
        assertThat(line.substring(0, line.length() - 1)).doesNotContain("\n");
        return Feature.JSON.readTree(line);
    }

    @Test
    void aRecordIsOneObjectWithTheIdsOfItsScope() throws InterruptedException {
        MDC.put("task", "t1");
        MDC.put("trace", "4bf92f3577b34da6a3ce929d0e0e4736");
        MDC.put("msg", "not this");
        LogRecord record = record(Level.WARNING, "two\nlines and a \"quote\"");
        record.setThrown(new IllegalStateException("broken"));
        JsonNode line = line(record);
        assertThat(line.path("ts").stringValue()).isEqualTo("2026-11-25T08:00:00.120Z");
        assertThat(line.path("level").stringValue()).isEqualTo("warn");
        assertThat(line.path("logger").stringValue()).isEqualTo("dev.viber.agent.Run");
        assertThat(line.path("thread").stringValue())
                .isEqualTo(Thread.currentThread().getName());
        assertThat(line.path("msg").stringValue()).isEqualTo("two\nlines and a \"quote\"");
        assertThat(line.path("task").stringValue()).isEqualTo("t1");
        assertThat(line.path("trace").stringValue()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(line.path("error").stringValue())
                .contains("IllegalStateException: broken")
                .contains("JsonLinesTest");
        assertThat(line.has("step")).isFalse();
    }

    @Test
    void aVirtualThreadHasTheIdsOfTheOneThatBeganIt() throws InterruptedException {
        MDC.put("task", "t1");
        JsonNode[] line = new JsonNode[1];
        Thread.ofVirtual().start(() -> line[0] = line(record(Level.INFO, "x"))).join();
        assertThat(line[0].path("task").stringValue()).isEqualTo("t1");
        assertThat(line[0].path("thread").stringValue()).startsWith("thread-");
        assertThat(line[0].has("error")).isFalse();
    }

    @Test
    void noTokenGetsIntoEitherKindOfLog() {
        LogRecord record = record(Level.INFO, "refused: Bearer " + TOKEN + ", says the library");
        record.setThrown(new IllegalArgumentException("bad header " + TOKEN));
        for (String text : new String[] {new JsonLines().format(record), new TextLines().format(record)}) {
            assertThat(text).contains("vbr_0123456789abcdef01_***").doesNotContain("AAAAbbbb");
        }
    }

    @Test
    void aConfigurationThatIsNoneIsRefusedByName() {
        assertThatThrownBy(() -> LogsToTheEnd.configure(Map.of("format", "xml")))
                .isInstanceOf(LaunchException.class)
                .hasMessage("dev.viber.log: format is 'xml'; wanted one of [text, json]");
        assertThatThrownBy(() -> LogsToTheEnd.configure(Map.of("colour", "red")))
                .hasMessageContaining("no property 'colour'");
    }
}
