package dev.viber.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Whether this machine's clock can be right: it goes as fast as the one that is never set, and is not before this program. */
final class ClockCheck implements Check {
    private static final Duration JUMP = Duration.ofSeconds(1);

    private final Instant began = Instant.now();
    private final long ticks = System.nanoTime();

    @Override
    public List<Finding> look(Patient patient) throws IOException {
        Instant now = Instant.now();
        List<Finding> out = new ArrayList<>();
        Duration wall = Duration.between(began, now);
        Duration apart = wall.minusNanos(System.nanoTime() - ticks).abs();
        if (apart.compareTo(JUMP) > 0) {
            out.add(Finding.warn(
                    "clock",
                    "it was set by %d ms while this program ran".formatted(apart.toMillis()),
                    "let it keep time by NTP (timedatectl set-ntp true), which moves it little by little"));
        }
        Path features = Path.of(System.getProperty("viber.home", "."), "features", "all.json");
        if (Files.exists(features)) {
            Instant built = Files.getLastModifiedTime(features).toInstant();
            if (now.isBefore(built.minus(Duration.ofDays(1)))) {
                out.add(Finding.fail(
                        "clock",
                        "it is %s here, but this program was laid down at %s".formatted(now, built),
                        "set it (timedatectl set-ntp true); tokens, deadlines and certificates go by it"));
            }
        }
        return out.isEmpty() ? List.of(Finding.ok("clock", now + ", steady")) : out;
    }
}
