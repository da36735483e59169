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
     */
    static void makeTap(String tap, String mac, String bridge) throws IOException {
        if (!exists(tap)) {
            Commands.run("ip", "tuntap", "add", "dev", tap, "mode", "tap");
        }
        Commands.run("ip", "link", "set", "dev", tap, "master", bridge);
        Commands.run("ip", "link", "set", "dev", tap, "type", "bridge_slave", "isolated", "on", "learning", "off");
        Commands.run("bridge", "fdb", "replace", mac, "dev", tap, "master", "static");
        Commands.run("ip", "link", "set", "dev", tap, "up");
    }

    static void delete(String link) throws IOException {
        if (exists(link)) {
            Commands.run("ip", "link", "del", link);
        }
    }
}
