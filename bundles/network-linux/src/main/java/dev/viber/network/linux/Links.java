package dev.viber.network.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Network links as the kernel lists them to this process; {@code /sys} may show those of another namespace. */
final class Links {
    private static final Path HERE = Path.of("/proc/self/net/dev");

    private Links() {}

    static boolean exists(String link) throws IOException {
        try (Stream<String> lines = Files.lines(HERE)) {
            return lines.anyMatch(line -> line.strip().startsWith(link + ":"));
        }
    }

    /** The taps of ours that hang on a bridge, or once did and were left behind by it. */
    static List<String> taps(String bridge) throws IOException {
        return Commands.run("ip", "-o", "link")
                .lines()
                .filter(line -> line.contains(" master " + bridge + " ") || !line.contains(" master "))
                .map(line -> line.split(": ", 3)[1])
                .filter(name -> name.startsWith("vpt-"))
                .sorted()
                .toList();
    }

    /**
     * Makes the tap, on the bridge, closed to the other taps there. The bridge is told which card is behind it and learns
     * none from it: a guest could otherwise draw to itself what is meant for another.
     *
     * <p>One process does as much as it can: each costs more than what it does. That the tap is up before its card is known
     * lets nothing through, as no hypervisor has it open yet.
     */
    static void makeTap(String tap, String mac, String bridge) throws IOException {
        String made = exists(tap) ? "" : "tuntap add dev %s mode tap\n".formatted(tap);
        Commands.run(
                List.of("ip", "-batch", "-"), made + """
                link set dev TAP master BRIDGE
                link set dev TAP type bridge_slave isolated on learning off
                link set dev TAP up
                """.replace("TAP", tap).replace("BRIDGE", bridge));
        Commands.run("bridge", "fdb", "replace", mac, "dev", tap, "master", "static");
    }

    static void delete(String link) throws IOException {
        if (exists(link)) {
            Commands.run("ip", "link", "del", link);
        }
    }
}
