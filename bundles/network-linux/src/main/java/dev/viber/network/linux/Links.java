package dev.viber.network.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Network links as the kernel lists them. */
final class Links {
    private static final Path ALL = Path.of("/sys/class/net");

    private Links() {}

    static boolean exists(String link) {
        return Files.exists(ALL.resolve(link));
    }

    /** The taps of ours that hang on a bridge, or once did and were left behind by it. */
    static List<String> taps(String bridge) throws IOException {
        try (Stream<Path> links = Files.list(ALL)) {
            return links.filter(link -> link.getFileName().toString().startsWith("vpt-"))
                    .filter(link -> isOf(link, bridge))
                    .map(link -> link.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static boolean isOf(Path link, String bridge) {
        try {
            return Files.readSymbolicLink(link.resolve("master")).endsWith(bridge);
        } catch (IOException e) {
            return true; // without a bridge
        }
    }

    /** Makes the tap, on the bridge, closed to the other taps there. */
    static void makeTap(String tap, String bridge) throws IOException {
        if (!exists(tap)) {
            Commands.run("ip", "tuntap", "add", "dev", tap, "mode", "tap");
        }
        Commands.run("ip", "link", "set", "dev", tap, "master", bridge);
        Commands.run("ip", "link", "set", "dev", tap, "type", "bridge_slave", "isolated", "on");
        Commands.run("ip", "link", "set", "dev", tap, "up");
    }

    static void delete(String link) throws IOException {
        if (exists(link)) {
            Commands.run("ip", "link", "del", link);
        }
    }
}
