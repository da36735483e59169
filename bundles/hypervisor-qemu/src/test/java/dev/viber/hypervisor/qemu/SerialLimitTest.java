package dev.viber.hypervisor.qemu;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SerialLimitTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void whoeverAppendsGoesOnAtTheBeginningOfAFileThatWasTooLong() throws Exception {
        Path file = folder.resolve("serial.log");
        SerialLimit.cut(file, 4);
        try (OutputStream guest = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            guest.write("1234".getBytes(US_ASCII));
            SerialLimit.cut(file, 4);
            assertThat(file).hasContent("1234");
            guest.write("5".getBytes(US_ASCII));
            SerialLimit.cut(file, 4);
            guest.write("6".getBytes(US_ASCII));
        }
        assertThat(file).hasContent("6");
    }
}
