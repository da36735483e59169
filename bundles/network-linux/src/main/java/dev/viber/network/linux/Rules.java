package dev.viber.network.linux;

import dev.viber.api.vm.Lease;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The scripts of nft. Two tables of our own, both named as the bridge: in the family {@code bridge} guests are held to
 * their addresses, in the family {@code ip} to their policy. Each script may be applied again without harm.
 */
final class Rules {
    /** Where no guest gets by default: private, shared, link-local, test, multicast and reserved ranges (RFC 6890). */
    static final List<String> NOT_PUBLIC = List.of(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3");

    private Rules() {}

    /**
     * Makes both tables, or brings their rules up to date; what is known of guests stays.
     *
     * <p>Options of IPv4 are refused, since one of them sends a packet on to elsewhere after connection tracking has taken
     * it for part of a known connection. Frames to the groups that bridges keep for themselves (802.1D) come past
     * {@code prerouting}, and to the host as from the tap, not the bridge: hence a chain for them, and a rule where they
     * would come out.
     */
    static String tables(Layout layout) {
        return """
                add table bridge BRIDGE
                add set bridge BRIDGE guests { type ifname . ether_addr . ipv4_addr; }
                add chain bridge BRIDGE known
                add chain bridge BRIDGE incoming { type filter hook prerouting priority dstnat; policy accept; }
                add chain bridge BRIDGE reserved { type filter hook input priority filter; policy accept; }
                flush chain bridge BRIDGE known
                flush chain bridge BRIDGE incoming
                flush chain bridge BRIDGE reserved
                add rule bridge BRIDGE known ether type ip ip hdrlength != 5 counter drop
                add rule bridge BRIDGE known ether type arp iifname . arp saddr ether . arp saddr ip != @guests counter drop
                add rule bridge BRIDGE known ether type ip iifname . ether saddr . ip saddr @guests accept
                add rule bridge BRIDGE known ether type arp iifname . ether saddr . arp saddr ip @guests accept
                add rule bridge BRIDGE known counter drop
                add rule bridge BRIDGE incoming iifname "vpt-*" jump known
                add rule bridge BRIDGE reserved iifname "vpt-*" ether daddr and ff:ff:ff:ff:ff:f0 == 01:80:c2:00:00:00 counter drop
                add table ip BRIDGE
                add set ip BRIDGE closed { type ipv4_addr; flags interval; }
                add map ip BRIDGE allowances { type ipv4_addr : verdict; }
                add map ip BRIDGE services { type ipv4_addr : verdict; }
                add chain ip BRIDGE out { type filter hook forward priority filter; policy accept; }
                add chain ip BRIDGE host { type filter hook input priority filter; policy accept; }
                add chain ip BRIDGE translate { type nat hook postrouting priority srcnat; policy accept; }
                flush set ip BRIDGE closed
                add element ip BRIDGE closed { CLOSED }
                flush chain ip BRIDGE out
                flush chain ip BRIDGE host
                flush chain ip BRIDGE translate
                add rule ip BRIDGE out iifname "vpt-*" counter drop
                add rule ip BRIDGE out iifname BRIDGE oifname BRIDGE counter drop
                add rule ip BRIDGE out iifname BRIDGE ct state established,related accept
                add rule ip BRIDGE out iifname BRIDGE ip saddr vmap @allowances
                add rule ip BRIDGE out iifname BRIDGE ip daddr @closed counter reject with icmp type admin-prohibited
                add rule ip BRIDGE out iifname BRIDGE accept
                add rule ip BRIDGE out oifname BRIDGE ct state established,related accept
                add rule ip BRIDGE out oifname BRIDGE counter drop
                add rule ip BRIDGE host iifname "vpt-*" counter drop
                add rule ip BRIDGE host iifname BRIDGE ct state established,related accept
                add rule ip BRIDGE host iifname BRIDGE ip daddr GATEWAY udp dport 53 accept
                add rule ip BRIDGE host iifname BRIDGE ip daddr GATEWAY tcp dport 53 accept
                add rule ip BRIDGE host iifname BRIDGE ip daddr GATEWAY icmp type echo-request accept
                add rule ip BRIDGE host iifname BRIDGE ip saddr vmap @services
                add rule ip BRIDGE host iifname BRIDGE counter drop
                add rule ip BRIDGE translate ip saddr SUBNET oifname != BRIDGE masquerade
                """.replace("BRIDGE", layout.bridge())
                .replace("CLOSED", String.join(", ", NOT_PUBLIC))
                .replace("GATEWAY", layout.plan().gateway())
                .replace("SUBNET", layout.plan().subnet());
    }

    /** Takes both tables away; does nothing where they are gone. */
    static String noTables(Layout layout) {
        return """
                add table bridge BRIDGE
                delete table bridge BRIDGE
                add table ip BRIDGE
                delete table ip BRIDGE
                """.replace("BRIDGE", layout.bridge());
    }

    /**
     * Lets a guest in, under its own address and with its own allowances. A service, {@code ADDRESS:PORT}, may be one of
     * this host; a network never opens the host, even where the host's address is in it.
     */
    static String guest(Layout layout, Lease lease, List<String> egress) {
        StringBuilder script = new StringBuilder(known(layout, lease));
        List<String> services =
                egress.stream().filter(each -> each.contains(":")).toList();
        allow(script, layout, lease, "allowances", "of-", egress);
        allow(script, layout, lease, "services", "to-", services);
        return script.toString();
    }

    /** Lets a guest in under its own address; its allowances stay as they are. */
    static String known(Layout layout, Lease lease) {
        return "add element bridge %s guests { %s }\n".formatted(layout.bridge(), triple(lease));
    }

    private static void allow(
            StringBuilder script, Layout layout, Lease lease, String map, String prefix, List<String> places) {
        if (places.isEmpty()) {
            script.append(noAllowances(layout, lease, map, prefix)); // those of a guest that had this address before
            return;
        }
        String chain = prefix + lease.tap();
        script.append("add chain ip %s %s\n".formatted(layout.bridge(), chain));
        script.append("flush chain ip %s %s\n".formatted(layout.bridge(), chain));
        for (String place : places) {
            String[] parts = place.split(":", 2);
            script.append("add rule ip %s %s ip daddr %s%s accept\n"
                    .formatted(layout.bridge(), chain, parts[0], parts.length > 1 ? " tcp dport " + parts[1] : ""));
        }
        script.append(
                "add element ip %s %s { %s : jump %s }\n".formatted(layout.bridge(), map, lease.ipAddress(), chain));
    }

    /** Forgets a guest; does nothing where it is forgotten. What is deleted is added first, as only what is there can be. */
    static String noGuest(Layout layout, Lease lease) {
        StringBuilder script = new StringBuilder("""
                add element bridge BRIDGE guests { TRIPLE }
                delete element bridge BRIDGE guests { TRIPLE }
                """);
        Map.of("allowances", "of-", "services", "to-")
                .forEach((map, prefix) -> script.append(noAllowances(layout, lease, map, prefix)));
        return script.toString().replace("BRIDGE", layout.bridge()).replace("TRIPLE", triple(lease));
    }

    private static String noAllowances(Layout layout, Lease lease, String map, String prefix) {
        return """
                add chain ip BRIDGE CHAIN
                add element ip BRIDGE MAP { ADDRESS : jump CHAIN }
                delete element ip BRIDGE MAP { ADDRESS : jump CHAIN }
                flush chain ip BRIDGE CHAIN
                delete chain ip BRIDGE CHAIN
                """.replace("MAP", map)
                .replace("CHAIN", prefix + lease.tap())
                .replace("BRIDGE", layout.bridge())
                .replace("ADDRESS", lease.ipAddress());
    }

    /** Forgets every guest but these. */
    static String onlyGuests(Layout layout, Collection<Lease> leases) {
        StringBuilder script = new StringBuilder("flush set bridge %s guests\n".formatted(layout.bridge()));
        leases.forEach(lease -> script.append(known(layout, lease)));
        return script.toString();
    }

    private static String triple(Lease lease) {
        return "%s . %s . %s".formatted(lease.tap(), lease.macAddress(), lease.ipAddress());
    }
}
