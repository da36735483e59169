package dev.viber.network.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The steps that prepare a host for microVMs, and those that undo them; each does nothing where it is done.
 *
 * <pre>{@code
 * for (Setup.Step step : new Setup(layout, Path.of("/home/me/.viper/run")).steps()) {
 *     System.out.println(step.shown());
 *     step.perform();
 * }
 * }</pre>
 *
 * <p>Linux forgets all of it at a reboot; the first VM that is started afterwards has it done again.
 */
public final class Setup {
    private static final Path FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");

    /**
     * One step.
     *
     * @param purpose what it is for
     * @param shown the commands, as one would type them
     */
    public record Step(String purpose, String shown, Deed deed) {
        /** Does it, unless it is done. */
        public void perform() throws IOException {
            deed.perform();
        }
    }

    /** What a step does. */
    @FunctionalInterface
    public interface Deed {
        /** Does it, unless it is done. */
        void perform() throws IOException;
    }

    private final Layout layout;
    private final Path before;

    /**
     * Steps for this layout.
     *
     * @param run a folder in which what was there before is noted, to be put back
     */
    public Setup(Layout layout, Path run) {
        this.layout = layout;
        before = run.resolve("ip_forward.before");
    }

    /** What prepares the host, in order. */
    public List<Step> steps() {
        String bridge = layout.bridge();
        return List.of(
                new Step(
                        "a bridge with an address of its own, and a MAC that no tap ever lends it",
                        """
                        ip link add %1$s address %2$s type bridge
                        ip addr replace %3$s dev %1$s
                        ip link set %1$s up""".formatted(bridge, layout.bridgeMac(), layout.hostAddress()),
                        this::makeBridge),
                new Step(
                        "guests reach the internet through this host",
                        "sysctl -w net.ipv4.ip_forward=1",
                        this::forward),
                new Step(
                        "guests are held to their addresses and to the egress policy: two nft tables named " + bridge,
                        "nft -f - <<EOF\n" + Rules.tables(layout) + "EOF",
                        () -> Commands.nft(Rules.tables(layout))));
    }

    /** What leaves the host as it was, in order. */
    public List<Step> removal() {
        String bridge = layout.bridge();
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(
                "the nft tables named " + bridge,
                "nft delete table bridge %1$s; nft delete table ip %1$s".formatted(bridge),
                () -> Commands.nft(Rules.noTables(layout))));
        steps.add(new Step(
                "taps that are still there, and the bridge",
                "ip link del vpt-...; ip link del " + bridge,
                this::dropLinks));
        steps.add(new Step(
                "forwarding as it was before",
                Files.exists(before) ? "sysctl -w net.ipv4.ip_forward=" + noted() : "nothing: it was not changed",
                this::forwardAsBefore));
        return steps;
    }

    private void makeBridge() throws IOException {
        String bridge = layout.bridge();
        if (!Links.exists(bridge)) {
            Commands.run("ip", "link", "add", bridge, "address", layout.bridgeMac(), "type", "bridge");
        }
        Commands.run("ip", "addr", "replace", layout.hostAddress(), "dev", bridge);
        Commands.run("ip", "link", "set", bridge, "up");
    }

    private void forward() throws IOException {
        String now = Files.readString(FORWARD).strip();
        if (now.equals("1")) {
            return;
        }
        Files.createDirectories(before.toAbsolutePath().getParent());
        Files.writeString(before, now);
        Files.writeString(FORWARD, "1");
    }

    private void forwardAsBefore() throws IOException {
        if (Files.exists(before)) {
            Files.writeString(FORWARD, noted());
            Files.delete(before);
        }
    }

    private String noted() {
        try {
            return Files.readString(before).strip();
        } catch (IOException e) {
            return "0";
        }
    }

    private void dropLinks() throws IOException {
        for (String tap : Links.taps(layout.bridge())) {
            Links.delete(tap);
        }
        Links.delete(layout.bridge());
    }
}
