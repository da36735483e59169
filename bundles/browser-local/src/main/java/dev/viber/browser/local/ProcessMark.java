package dev.viber.browser.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which process is meant, also after its number was given to another one.
 *
 * @param pid its number
 * @param mark the boot it is of, and when in that it began
 */
record ProcessMark(long pid, String mark) {
    /** Of a process that runs; null where it does not. */
    static @Nullable ProcessMark of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // Its name may have any characters in it, and ends with the last bracket.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            return fields[0].equals("Z") || fields[0].equals("X")
                    ? null
                    : new ProcessMark(pid, boot + "/" + fields[19]);
        } catch (IOException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    /** The process, if it still runs. */
    Optional<ProcessHandle> process() {
        return equals(of(pid)) ? ProcessHandle.of(pid) : Optional.empty();
    }
}
