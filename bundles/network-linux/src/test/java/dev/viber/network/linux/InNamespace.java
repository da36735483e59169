package dev.viber.network.linux;

import dev.viber.api.vm.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** What {@link LinuxNetworkTest} runs in a network namespace: a real bridge, real taps, real rules. */
final class InNamespace {
    private static final Path LINKS = Path.of("/sys/class/net");
    private static final Layout LAYOUT = Layout.of("viperbr0", "192.168.127.0/24", "192.168.127.1");
    private static final Lease ONE = new Lease("192.168.127.2");
    private static final Lease TWO = new Lease("192.168.127.30");
    private static final Lease THREE = new Lease("192.168.127.40");

    private InNamespace() {}

    public static void main(String[] arguments) throws Exception {
        Path run = Path.of(arguments[0]);
        String before = everything();
        LinuxNetwork network = new LinuxNetwork(LAYOUT, run, List.of());
        same(List.of(), network.problems());
        network.attach(ONE, null);
        network.attach(ONE, null);
        network.attach(TWO, List.of("10.1.0.0/16", "192.0.2.7"));
        for (Lease lease : List.of(ONE, TWO)) {
            Path tap = LINKS.resolve(lease.tap());
            same(
                    "viperbr0",
                    Files.readSymbolicLink(tap.resolve("master")).getFileName().toString());
            same("1", text(tap.resolve("brport/isolated")));
            differ(lease.macAddress(), text(tap.resolve("address")));
        }
        same("0a:58:c0:a8:7f:01", text(LINKS.resolve("viperbr0/address")));
        same("1", text(Path.of("/proc/sys/net/ipv4/ip_forward")));
        String rules = Commands.run("nft", "list", "ruleset");
        has(rules, "\"vpt-c0a87f02\" . 0a:58:c0:a8:7f:02 . 192.168.127.2");
        has(rules, "192.168.127.30 : jump of-vpt-c0a87f1e");
        has(rules, "ip daddr 10.1.0.0/16 accept");

        rules = without(THREE);
        // No allowance opens a guest to another, not even one of a network that both are in.
        same(true, rules.indexOf("oifname \"viperbr0\" counter") < rules.indexOf("vmap @allowances"));
        has(rules, "iifname \"viperbr0\" oifname \"viperbr0\" counter");
        // Somebody takes the rules away under the server: whoever comes or goes next has all of them back.
        Commands.run("nft", "flush", "ruleset");
        network.attach(THREE, null);
        same(rules, without(THREE));
        Commands.run("nft", "flush", "ruleset");
        network.detach(THREE);
        same(rules, without(THREE));
        Commands.run("nft", "flush", "ruleset");
        same(List.of(), network.retain(List.of(ONE, TWO)));
        same(rules, without(THREE));
        // An address that another guest had before has none of what was allowed to that.
        network.attach(TWO, List.of());
        same(false, Commands.run("nft", "list", "ruleset").contains("vpt-c0a87f1e {"));
        network.attach(TWO, List.of("10.1.0.0/16", "192.0.2.7"));

        network.stop();
        // As after a restart of the server: what is there stays, and what nobody wants any more goes.
        LinuxNetwork next = new LinuxNetwork(LAYOUT, run, List.of());
        same(List.of(TWO.tap()), next.retain(List.of(ONE)));
        same(false, Links.exists(TWO.tap()));
        next.detach(TWO);
        next.detach(ONE);
        next.detach(ONE);
        same(false, Commands.run("nft", "list", "ruleset").contains("192.168.127.2 "));

        next.stop();
        for (int i = 0; i < 2; i++) {
            for (Setup.Step step : new Setup(LAYOUT, run).removal()) {
                step.perform();
            }
        }
        same(before, everything());
        System.out.println("all is as it was");
    }

    /** The rules but for what names this guest. */
    private static String without(Lease lease) throws IOException {
        return Commands.run("nft", "list", "ruleset")
                .replaceAll("\\s+", " ")
                .replaceAll("packets \\d+ bytes \\d+", "")
                .replaceAll(
                        ",\\s+\"%s\" \\. %s \\. %s".formatted(lease.tap(), lease.macAddress(), lease.ipAddress()), "");
    }

    private static String everything() throws IOException {
        return Commands.run("ip", "-o", "link")
                + Commands.run("ip", "-o", "addr")
                + Commands.run("nft", "list", "ruleset")
                + text(Path.of("/proc/sys/net/ipv4/ip_forward"));
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    private static void same(Object wanted, Object found) {
        if (!Objects.equals(wanted, found)) {
            throw new AssertionError("wanted %s, found %s".formatted(wanted, found));
        }
    }

    private static void differ(String one, String other) {
        if (one.equals(other)) {
            throw new AssertionError("both are " + one);
        }
    }

    private static void has(String text, String part) {
        if (!text.contains(part)) {
            throw new AssertionError("no '%s' in:%n%s".formatted(part, text));
        }
    }
}
