package dev.viber.api.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this host has room for machines more, for those who make some that nobody waits for. */
public final class Room {
    private static final double BUSY_PERCENT = 60;
    private static final long KEPT_FREE_KIB = 512 * 1024;

    private Room() {}

    /**
     * Why there is no memory for another machine that takes so much; empty where there is.
     *
     * @param memoryMb MiB it will take, from 0: a clone shares what it does not change, and half of its size is enough
     * @throws IOException where the kernel does not tell
     */
    public static String shortage(long memoryMb) throws IOException {
        long wanted = memoryMb * 1024 + KEPT_FREE_KIB;
        long free = availableKib();
        return free >= wanted
                ? ""
                : "%d MiB of memory are free, and another machine wants %d".formatted(free / 1024, wanted / 1024);
    }

    private static long availableKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("/proc/meminfo has no MemAvailable");
    }

    /**
     * Whether programs have waited for a processor for much of the last ten seconds, so that what nobody waits for should.
     * False where the kernel does not tell.
     */
    public static boolean isBusy() {
        try {
            String first = Files.readAllLines(Path.of("/proc/pressure/cpu")).getFirst();
            return Double.parseDouble(first.replaceFirst(".*avg10=([0-9.]+).*", "$1")) > BUSY_PERCENT;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
