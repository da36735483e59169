package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What memory of this machine a fork takes, in KiB, as {@code /proc/PID/smaps} has it.
 *
 * @param guest pages of the guest's memory that the process has touched
 * @param shared those of them that are the snapshot's, and with it every other fork's
 * @param changed those that are its own
 * @param rest what else is its own: QEMU's heap, and translated code where the guest is emulated
 */
record Memory(double guest, double shared, double changed, double rest) {
    private static final double KIB_PER_MIB = 1024;

    /** Of a process whose guest's memory is a snapshot's, mapped privately. */
    static Memory of(long pid) throws IOException {
        double guest = 0;
        double changed = 0;
        double rest = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"))) {
            String[] words = line.trim().split("\\s+", -1);
            if (!words[0].endsWith(":")) {
                inside = line.matches(".*/(raw)?memory( \\(deleted\\))?"); // of a fork it is gone by then
            } else if (words[0].equals("Rss:") && inside) {
                guest += Double.parseDouble(words[1]);
            } else if (words[0].equals("Anonymous:")) {
                // What was written to; "private" would count the snapshot's own pages where only one maps them.
                if (inside) {
                    changed += Double.parseDouble(words[1]);
                } else {
                    rest += Double.parseDouble(words[1]);
                }
            }
        }
        return new Memory(guest, guest - changed, changed, rest);
    }

    static String table(Map<String, List<Memory>> sides) {
        StringBuilder text = new StringBuilder("\nMemory of each fork, medians, MiB\n\n")
                .append("| | n | of the guest, touched | shared with all | changed | QEMU's own |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        new TreeMap<>(sides)
                .descendingMap()
                .forEach((side, all) -> text.append("| %s | %d | %.0f | %.0f | **%.0f** | %.0f |%n"
                        .formatted(
                                side,
                                all.size(),
                                median(all, Memory::guest),
                                median(all, Memory::shared),
                                median(all, Memory::changed),
                                median(all, Memory::rest))));
        return text.toString();
    }

    private static double median(List<Memory> all, ToDoubleFunction<Memory> of) {
        return VmStarts.quantile(all, 0.5, of) / KIB_PER_MIB;
    }
}
