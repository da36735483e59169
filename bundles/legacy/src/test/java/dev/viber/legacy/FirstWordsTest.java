package dev.viber.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.JournalEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class FirstWordsTest {
    private final FirstWords words = new FirstWords();

    private FirstWords.@Nullable Told tell(String kind, String message) {
        Map<String, Object> data = message.isEmpty()
                ? Map.of("name", "web-1", "status", "running", "phase", kind, "ip_address", "192.168.127.2", "pid", 42)
                : Map.of("name", "web-1", "status", "crashed", "phase", kind, "message", message);
        return words.tell(new JournalEvent(kind, 1_000, JsonMapper.shared().writeValueAsString(data)));
    }

    @Test
    void anEventIsTheWholeObjectThatItWas() {
        FirstWords.Told told = Objects.requireNonNull(tell("running", ""));
        assertThat(told.json())
                .isEqualTo("{\"type\":\"VM_RUNNING\",\"name\":\"web-1\",\"status\":\"running\","
                        + "\"ip_address\":\"192.168.127.2\",\"pid\":42,\"timestamp\":\"1970-01-01T00:00:01Z\","
                        + "\"message\":\"vm running\"}");
        assertThat(Objects.requireNonNull(tell("crashed", "its process ended\nits console"))
                        .object())
                .containsEntry("type", "VM_CRASHED")
                .containsEntry("message", "its process ended");
    }

    @Test
    void aLifeHasTheFirstVipersTypesAndNoOthers() {
        List<String> types = new ArrayList<>();
        List<String> frames = new ArrayList<>();
        for (String kind : List.of(
                "created",
                "starting",
                "running",
                "ready",
                "running",
                "paused",
                "running",
                "stopping",
                "stopped",
                "starting",
                "running",
                "crashed",
                "starting",
                "running",
                "deleting",
                "deleted")) {
            FirstWords.Told told = tell(kind, "");
            if (told != null) {
                types.add(told.type());
                frames.add(String.valueOf(AguiEndpoint.frame(told)));
            }
        }
        assertThat(types)
                .containsExactly(
                        "VM_CREATED",
                        "VM_RUNNING",
                        "VM_STOPPED",
                        "VM_RUNNING",
                        "VM_CRASHED",
                        "VM_RUNNING",
                        "VM_DELETED");
        assertThat(frames)
                .startsWith(
                        "{type=run_started, id=web-1, name=VM web-1 started}",
                        "{type=text, text=VM web-1 is running}",
                        "{type=run_finished, output=VM web-1 stopped}")
                .endsWith("{type=run_finished, output=VM web-1 deleted}");
    }

    @Test
    void aRunThatEndedIsNotEndedOnceMoreByItsDeletion() {
        tell("running", "");
        tell("stopped", "");
        assertThat(AguiEndpoint.frame(Objects.requireNonNull(tell("deleted", ""))))
                .isNull();
    }
}
