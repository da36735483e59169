package dev.viber.itest.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour of the README runs to its end against the distribution as it was built. */
class TourIT {
    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolve("../..").normalize();

    @Test
    void runsToItsEnd(@TempDir Path folder) throws Exception {
        Path said = folder.resolve("said");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", ROOT.resolve("docs/tour.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment()
                .put(
                        "VIBER",
                        ROOT.resolve("distribution/target/viber/bin/viber").toString());
        Process tour = builder.start();
        try {
            // Against a hang only; a machine that has much else to do takes longer than the usual quarter of a minute.
            boolean ended = tour.waitFor(5, TimeUnit.MINUTES);
            assertThat(ended).as(Files.readString(said)).isTrue();
            assertThat(tour.exitValue()).as(Files.readString(said)).isZero();
        } finally {
            // SIGTERM: the script ends the daemons it started.
            tour.destroy();
        }
    }
}
