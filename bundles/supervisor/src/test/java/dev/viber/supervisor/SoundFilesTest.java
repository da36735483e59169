package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.Tables.SnapshotRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class SoundFilesTest {
    @TempDir
    Path dir;

    private final SoundFiles sound = new SoundFiles();
    private Path memory;
    private SnapshotRow row;

    @BeforeEach
    void write() throws IOException {
        memory = Files.writeString(dir.resolve("memory"), "what it knew");
        Map<String, String> digests = SnapshotFiles.settle(dir, List.of("memory"));
        assertThat(memory.toFile().setWritable(true)).isTrue();
        row = new SnapshotRow(
                7,
                "logged-in",
                "web",
                true,
                true,
                "{}",
                "",
                "qemu",
                "tcg",
                "here",
                JsonMapper.shared().writeValueAsString(digests),
                SnapshotFiles.bytes(dir),
                Instant.EPOCH);
    }

    /** Puts other bytes there, as many, that bear the time of those before. */
    private void change() throws IOException {
        FileTime time = Files.getLastModifiedTime(memory);
        Files.writeString(memory, "what it KNEW");
        Files.setLastModifiedTime(memory, time);
    }

    @Test
    void theFirstRestoreReadsAllAndTheNextOnlyLooks() throws IOException {
        assertThat(sound.fault(row, dir)).isEmpty();
        change(); // which only reading would find
        assertThat(sound.fault(row, dir)).isEmpty();
        assertThat(new SoundFiles().fault(row, dir)).contains("memory", "is not what was written");
    }

    @Test
    void othersInTheirPlaceAreReadAgain() throws IOException {
        sound.written(row, dir);
        Path other = Files.writeString(dir.resolve("other"), "what it KNEW");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(memory));
        Files.move(other, memory, StandardCopyOption.REPLACE_EXISTING);
        assertThat(sound.fault(row, dir)).contains("is not what was written");
        Files.delete(memory);
        assertThat(sound.fault(row, dir)).contains("is gone");
    }

    @Test
    void aServerThatStartsReadsNothingAndSeesWhatIsMissing() throws IOException {
        change();
        assertThat(SnapshotFiles.glance(dir, SnapshotBook.digests(row).keySet(), row.bytes()))
                .isEmpty();
        Files.writeString(memory, "what it");
        assertThat(SnapshotFiles.glance(dir, SnapshotBook.digests(row).keySet(), row.bytes()))
                .isEqualTo("its files are 7 bytes, and 12 were written");
        Files.delete(memory);
        assertThat(SnapshotFiles.glance(dir, SnapshotBook.digests(row).keySet(), row.bytes()))
                .contains("memory is gone");
    }
}
