package dev.viber.browser.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadsTest {
    private Downloads downloads;

    @BeforeEach
    void make(@TempDir Path folder) {
        downloads = new Downloads(folder);
    }

    private void begins(String id) {
        downloads.event(
                "Browser.downloadWillBegin",
                new Tree(Map.of("guid", id, "suggestedFilename", id, "url", "http://x/" + id)));
    }

    private void ends(String id, String state) {
        downloads.event("Browser.downloadProgress", new Tree(Map.of("guid", id, "state", state)));
    }

    @Test
    void whatBeganBeforeIsNotTakenForWhatIsWaitedFor() {
        begins("a");
        ends("a", "completed");
        long last = new Tree(downloads.list()).get("last").number();
        begins("b");
        assertThatThrownBy(() -> downloads.awaitEnd(null, last, Deadline.in(0))).hasMessageContaining("no download");
        ends("b", "completed");
        assertThat(downloads.awaitEnd(null, last, Deadline.in(0))).containsEntry("id", "b");
        assertThat(downloads.awaitEnd(null, 0, Deadline.in(0))).containsEntry("id", "a");
    }

    @Test
    void oneThatWasCancelledCanBeRemoved() {
        begins("a");
        assertThatThrownBy(() -> downloads.remove("a")).hasMessageContaining("inProgress");
        ends("a", "canceled");
        downloads.remove("a");
        assertThatThrownBy(() -> downloads.remove("a")).hasMessageContaining("there is no download");
    }
}
