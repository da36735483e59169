package dev.viber.itest.process;

import static dev.viber.itest.process.Frames.ALL;
import static dev.viber.itest.process.Frames.ARP;
import static dev.viber.itest.process.Frames.GRE;
import static dev.viber.itest.process.Frames.ICMP;
import static dev.viber.itest.process.Frames.ICMP6;
import static dev.viber.itest.process.Frames.IP;
import static dev.viber.itest.process.Frames.IP6;
import static dev.viber.itest.process.Frames.TCP;
import static dev.viber.itest.process.Frames.UDP;
import static dev.viber.itest.process.Frames.address;
import static dev.viber.itest.process.Frames.arp;
import static dev.viber.itest.process.Frames.ethernet;
import static dev.viber.itest.process.Frames.icmp;
import static dev.viber.itest.process.Frames.join;
import static dev.viber.itest.process.Frames.packet;
import static dev.viber.itest.process.Frames.packet6;
import static dev.viber.itest.process.Frames.question;
import static dev.viber.itest.process.Frames.tagged;
import static dev.viber.itest.process.Frames.tcp;
import static dev.viber.itest.process.Frames.two;
import static dev.viber.itest.process.Frames.udp;

import dev.viber.api.vm.Lease;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** What a guest whose root is an attacker tries: frames made by hand, each try with a mark by which it is recognized. */
final class EgressTries {
    /** Who would see the mark of a try that passes. */
    enum Witness {
        HOST,
        WORLD,
        OTHER
    }

    /**
     * One try.
     *
     * @param name what is tried
     * @param frames what is sent for it, given its mark
     */
    record Try(String name, Witness witness, Function<byte[], List<byte[]>> frames) {}

    /** The host, as its guests know it; by its MAC, the address of IPv6 that comes of that, and another of its addresses. */
    static final String GATEWAY = "192.168.127.1";

    static final String GATEWAY_MAC = "0a:58:c0:a8:7f:01";
    static final String GATEWAY_LOCAL6 = "fe80::858:c0ff:fea8:7f01";
    static final String HOST_PUBLIC = "198.51.99.1";
    static final String HOST_PRIVATE = "10.200.0.1";
    /** What lies behind the host: in IPv6, private, public, and what each guest alone may reach of what is private. */
    static final String WORLD6 = "fd00:77::2";

    static final String PRIVATE = "10.1.2.3";
    static final String PUBLIC = "8.8.4.4";
    static final String ALLOWED = "10.77.0.5";
    static final String ALLOWED_TO_OTHER = "10.88.0.5";
    /** Of the groups that a bridge takes for itself (802.1D), whoever sends to it. */
    private static final String RESERVED = "01:80:c2:00:00:0e";

    private static final byte[] NONE = new byte[0];
    private static final byte[] ZERO = new byte[4];

    private final String ip;
    private final String mac;
    private final String otherIp;
    private final String otherMac;
    private final List<Try> tries = new ArrayList<>();

    private EgressTries(Lease own, Lease other) {
        ip = own.ipAddress();
        mac = own.macAddress();
        otherIp = other.ipAddress();
        otherMac = other.macAddress();
    }

    /** All, from the first of these leases. */
    static List<Try> of(Lease own, Lease other, int serverPort) {
        EgressTries all = new EgressTries(own, other);
        all.toTheHost(serverPort);
        all.toTheHostByDetours();
        all.toWhatIsPrivate();
        all.toWhatIsPrivateByDetours();
        all.toTheOtherGuest();
        all.asSomebodyElse();
        return all.tries;
    }

    private void add(String name, Witness witness, Function<byte[], byte[]> frame) {
        tries.add(new Try(name, witness, mark -> List.of(frame.apply(mark))));
    }

    /** By the gateway, from the guest's own address, as an honest packet would go. */
    private byte[] routed(String to, int protocol, byte[] payload) {
        return ethernet(GATEWAY_MAC, mac, IP, packet(ip, to, protocol, payload));
    }

    private void addUdp(String what, Witness witness, String to, int port) {
        add("UDP to " + what, witness, mark -> routed(to, UDP, udp(4000, port, mark)));
    }

    private void addSyn(String what, Witness witness, String to, int port) {
        add("TCP to " + what, witness, mark -> routed(to, TCP, tcp(ip, to, 4000, port, 2, mark)));
    }

    private void toTheHost(int serverPort) {
        addSyn("the host's SSH", Witness.HOST, GATEWAY, 22);
        addSyn("the host's web server", Witness.HOST, GATEWAY, 80);
        addSyn("Viber's port on the bridge", Witness.HOST, GATEWAY, serverPort);
        addSyn("Viber's port on the loopback", Witness.HOST, "127.0.0.1", serverPort);
        addSyn("Viber's port by the host's public address", Witness.HOST, HOST_PUBLIC, serverPort);
        addSyn("the name server by the host's public address", Witness.HOST, HOST_PUBLIC, 53);
        addUdp("the host's portmapper", Witness.HOST, GATEWAY, 111);
        addUdp("a DHCP server", Witness.HOST, GATEWAY, 67);
        addUdp("the host's SNMP", Witness.HOST, GATEWAY, 161);
        addUdp("the host's own resolver", Witness.HOST, "127.0.0.53", 53);
        addUdp("the host's private address", Witness.HOST, HOST_PRIVATE, 53);
        add("UDP from port 53", Witness.HOST, mark -> routed(GATEWAY, UDP, udp(53, 500, mark)));
        add("TCP in the midst (ACK)", Witness.HOST, mark -> routed(GATEWAY, TCP, tcp(ip, GATEWAY, 1, 22, 16, mark)));
        add("TCP's end (FIN)", Witness.HOST, mark -> routed(GATEWAY, TCP, tcp(ip, GATEWAY, 1, 22, 1, mark)));
        add(
                "echo to the host's other address",
                Witness.HOST,
                mark -> routed(HOST_PUBLIC, ICMP, icmp(8, 0, ZERO, mark)));
        add("the host's clock by ICMP", Witness.HOST, mark -> routed(GATEWAY, ICMP, icmp(13, 0, ZERO, mark)));
        add(
                "an ICMP redirect",
                Witness.HOST,
                mark -> routed(
                        GATEWAY,
                        ICMP,
                        icmp(5, 1, address(ip), join(packet(GATEWAY, PUBLIC, UDP, udp(1, 2, NONE)), mark))));
        add("GRE to the host", Witness.HOST, mark -> routed(GATEWAY, GRE, join(two(0), two(IP), mark)));
        add(
                "IP in IP to the host",
                Witness.HOST,
                mark -> routed(GATEWAY, 4, packet(ip, GATEWAY, UDP, udp(1, 53, mark))));
        add("SCTP to the host", Witness.HOST, mark -> routed(GATEWAY, 132, join(two(1), two(2), new byte[8], mark)));
        add("ESP to the host", Witness.HOST, mark -> routed(GATEWAY, 50, join(new byte[8], mark)));
        add("a protocol without a name", Witness.HOST, mark -> routed(GATEWAY, 253, mark));
    }

    private void toTheHostByDetours() {
        byte[] group = {1, 0, 94};
        add(
                "DHCP by broadcast",
                Witness.HOST,
                mark -> ethernet(ALL, mac, IP, packet(ip, "255.255.255.255", UDP, udp(68, 67, mark))));
        add(
                "DHCP from no address",
                Witness.HOST,
                mark -> ethernet(ALL, mac, IP, packet("0.0.0.0", "255.255.255.255", UDP, udp(68, 67, mark))));
        add(
                "the network's broadcast",
                Witness.HOST,
                mark -> ethernet(ALL, mac, IP, packet(ip, "192.168.127.255", UDP, udp(137, 137, mark))));
        add(
                "multicast to all",
                Witness.HOST,
                mark -> join(
                        group, new byte[] {0, 0, 1}, ethernetTail(packet(ip, "224.0.0.1", UDP, udp(1, 5000, mark)))));
        add(
                "mDNS",
                Witness.HOST,
                mark -> join(
                        group,
                        new byte[] {0, 0, (byte) 251},
                        ethernetTail(packet(ip, "224.0.0.251", UDP, udp(5353, 5353, mark)))));
        add(
                "IGMP",
                Witness.HOST,
                mark -> join(
                        group,
                        new byte[] {0, 0, 1},
                        ethernetTail(packet(ip, "224.0.0.1", 2, icmp(0x16, 0, ZERO, mark)))));
        tries.add(new Try("UDP in two fragments", Witness.HOST, mark -> fragments(GATEWAY, mark)));
        add(
                "a route that is recorded",
                Witness.HOST,
                mark -> ethernet(GATEWAY_MAC, mac, IP, packet(ip, GATEWAY, UDP, 0, options(7, ip), udp(1, 500, mark))));
        add(
                "IPv6 to the host",
                Witness.HOST,
                mark -> ethernet(GATEWAY_MAC, mac, IP6, packet6("fe80::2", GATEWAY_LOCAL6, UDP, udp(1, 500, mark))));
        add(
                "TCP by IPv6 to the host",
                Witness.HOST,
                mark -> ethernet(
                        GATEWAY_MAC,
                        mac,
                        IP6,
                        packet6("fe80::2", GATEWAY_LOCAL6, TCP, tcp("::", "::", 1, 22, 2, mark))));
        add(
                "IPv6 to all nodes",
                Witness.HOST,
                mark -> ethernet(
                        "33:33:00:00:00:01", mac, IP6, packet6("fe80::2", "ff02::1", ICMP6, icmp(128, 0, ZERO, mark))));
        add(
                "a router's advertisement",
                Witness.HOST,
                mark -> ethernet(
                        "33:33:00:00:00:01",
                        mac,
                        IP6,
                        packet6(
                                "fe80::2",
                                "ff02::1",
                                ICMP6,
                                icmp(134, 0, new byte[] {64, 0, 7, 8}, join(new byte[8], mark)))));
        add(
                "a frame with a priority",
                Witness.HOST,
                mark -> tagged(GATEWAY_MAC, mac, 0, IP, packet(ip, GATEWAY, UDP, udp(1, 500, mark))));
        for (String reserved : List.of(RESERVED, "01:80:c2:00:00:03", "01:80:c2:00:00:02")) {
            add(
                    "UDP to the bridge's group " + reserved,
                    Witness.HOST,
                    mark -> ethernet(reserved, mac, IP, packet(ip, GATEWAY, UDP, udp(1, 500, mark))));
        }
        add(
                "TCP to the bridge's group",
                Witness.HOST,
                mark -> ethernet(RESERVED, mac, IP, packet(ip, GATEWAY, TCP, tcp(ip, GATEWAY, 1, 22, 2, mark))));
    }

    private void toWhatIsPrivate() {
        for (String to : List.of(
                "10.1.2.3",
                "10.255.255.254",
                "172.16.9.9",
                "172.31.255.254",
                "192.168.77.7",
                "169.254.169.254",
                "169.254.1.1",
                "100.64.1.1",
                "100.127.255.254",
                "0.1.2.3",
                "192.0.0.8",
                "192.0.2.1",
                "198.18.1.1",
                "198.19.255.254",
                "198.51.100.9",
                "203.0.113.9",
                "240.0.0.1",
                "255.1.2.3")) {
            addUdp(to, Witness.WORLD, to, 53);
        }
        for (String to : List.of("10.1.2.3", "172.16.9.9", "192.168.77.7", "169.254.169.254", "100.64.1.1")) {
            addSyn(to, Witness.WORLD, to, 80);
        }
        addUdp("the neighbour of what is allowed", Witness.WORLD, "10.77.0.6", 80);
        addUdp("what the other guest is allowed", Witness.WORLD, ALLOWED_TO_OTHER, 80);
        add("echo to " + PRIVATE, Witness.WORLD, mark -> routed(PRIVATE, ICMP, icmp(8, 0, ZERO, mark)));
        add("GRE to " + PRIVATE, Witness.WORLD, mark -> routed(PRIVATE, GRE, join(two(0), two(IP), mark)));
        add("IP in IP to " + PRIVATE, Witness.WORLD, mark -> routed(PRIVATE, 4, packet(ip, PRIVATE, 253, mark)));
    }

    private void toWhatIsPrivateByDetours() {
        tries.add(new Try("UDP in two fragments to " + PRIVATE, Witness.WORLD, mark -> fragments(PRIVATE, mark)));
        add(
                "a unique local address of IPv6",
                Witness.WORLD,
                mark -> ethernet(GATEWAY_MAC, mac, IP6, packet6("fd00:99::5", WORLD6, UDP, udp(1, 500, mark))));
        add(
                "a frame with a priority to " + PRIVATE,
                Witness.WORLD,
                mark -> tagged(GATEWAY_MAC, mac, 0, IP, packet(ip, PRIVATE, UDP, udp(1, 500, mark))));
        // Conntrack knows the connection by the ends that the packet bears as it comes, not by where it is sent on to.
        tries.add(new Try(
                "a route of its own choice, in a known connection",
                Witness.WORLD,
                mark -> List.of(
                        routed(GATEWAY, UDP, udp(4053, 53, question(7, "public.test"))),
                        ethernet(
                                GATEWAY_MAC,
                                mac,
                                IP,
                                packet(ip, GATEWAY, UDP, 0, options(131, PRIVATE), udp(4053, 53, mark))))));
        tries.add(new Try(
                "an error about a known connection",
                Witness.WORLD,
                mark -> List.of(
                        routed(PUBLIC, UDP, udp(4054, 9, NONE)),
                        routed(
                                PRIVATE,
                                ICMP,
                                icmp(3, 1, ZERO, join(packet(PUBLIC, ip, UDP, udp(9, 4054, NONE)), mark))))));
    }

    private void toTheOtherGuest() {
        add(
                "UDP, straight to its card",
                Witness.OTHER,
                mark -> ethernet(otherMac, mac, IP, packet(ip, otherIp, UDP, udp(1, 500, mark))));
        add(
                "TCP to its agent",
                Witness.OTHER,
                mark -> ethernet(otherMac, mac, IP, packet(ip, otherIp, TCP, tcp(ip, otherIp, 1, 8080, 2, mark))));
        add(
                "echo, straight to its card",
                Witness.OTHER,
                mark -> ethernet(otherMac, mac, IP, packet(ip, otherIp, ICMP, icmp(8, 0, ZERO, mark))));
        add("UDP through the host", Witness.OTHER, mark -> routed(otherIp, UDP, udp(1, 500, mark)));
        add("TCP through the host", Witness.OTHER, mark -> routed(otherIp, TCP, tcp(ip, otherIp, 1, 8080, 2, mark)));
        add("echo through the host", Witness.OTHER, mark -> routed(otherIp, ICMP, icmp(8, 0, ZERO, mark)));
        add(
                "asked for by ARP",
                Witness.OTHER,
                mark -> ethernet(ALL, mac, ARP, arp(1, mac, ip, "00:00:00:00:00:00", otherIp, mark)));
        add(
                "told by ARP that the host is here",
                Witness.OTHER,
                mark -> ethernet(otherMac, mac, ARP, arp(2, mac, GATEWAY, otherMac, otherIp, mark)));
        add(
                "a DHCP server's offer",
                Witness.OTHER,
                mark -> ethernet(ALL, mac, IP, packet(ip, "255.255.255.255", UDP, udp(67, 68, mark))));
        add(
                "multicast to the others",
                Witness.OTHER,
                mark -> join(
                        new byte[] {1, 0, 94, 0, 0, 1},
                        ethernetTail(packet(ip, "224.0.0.1", UDP, udp(1, 5000, mark)))));
        add(
                "IPv6 to the others",
                Witness.OTHER,
                mark -> ethernet(
                        "33:33:00:00:00:01", mac, IP6, packet6("fe80::2", "ff02::1", ICMP6, icmp(128, 0, ZERO, mark))));
        add("a type of frame of its own", Witness.OTHER, mark -> ethernet(otherMac, mac, 0x88b5, mark));
        add(
                "a frame of LLC",
                Witness.OTHER,
                mark -> ethernet(otherMac, mac, 3 + mark.length, join(new byte[] {(byte) 0xaa, (byte) 0xaa, 3}, mark)));
        add(
                "a frame of another VLAN",
                Witness.OTHER,
                mark -> tagged(otherMac, mac, 5, IP, packet(ip, otherIp, UDP, udp(1, 500, mark))));
        add(
                "a spanning tree's message",
                Witness.OTHER,
                mark -> ethernet("01:80:c2:00:00:00", mac, 3 + mark.length, join(new byte[] {0x42, 0x42, 3}, mark)));
    }

    private void asSomebodyElse() {
        add(
                "from the host's address to the other",
                Witness.OTHER,
                mark -> ethernet(otherMac, mac, IP, packet(GATEWAY, otherIp, UDP, udp(1, 500, mark))));
        add(
                "from the other's address",
                Witness.WORLD,
                mark -> ethernet(GATEWAY_MAC, mac, IP, packet(otherIp, PUBLIC, UDP, udp(1, 500, mark))));
        add(
                "from the other's address to what it is allowed",
                Witness.WORLD,
                mark -> ethernet(GATEWAY_MAC, mac, IP, packet(otherIp, ALLOWED_TO_OTHER, UDP, udp(1, 500, mark))));
        add(
                "from the other's card and address",
                Witness.WORLD,
                mark -> ethernet(GATEWAY_MAC, otherMac, IP, packet(otherIp, ALLOWED_TO_OTHER, UDP, udp(1, 500, mark))));
        add(
                "from a card that nobody has",
                Witness.WORLD,
                mark -> ethernet(GATEWAY_MAC, "02:00:00:00:00:77", IP, packet(ip, PUBLIC, UDP, udp(1, 500, mark))));
        add(
                "from an address of elsewhere",
                Witness.WORLD,
                mark -> ethernet(GATEWAY_MAC, mac, IP, packet("10.9.9.9", PUBLIC, UDP, udp(1, 500, mark))));
        add(
                "from a free address of the network",
                Witness.HOST,
                mark -> ethernet(GATEWAY_MAC, mac, IP, packet("192.168.127.200", GATEWAY, UDP, udp(1, 53, mark))));
    }

    /** The rest of a frame of IPv4 behind where it goes. */
    private byte[] ethernetTail(byte[] packet) {
        byte[] frame = ethernet(ALL, mac, IP, packet);
        return Arrays.copyOfRange(frame, 6, frame.length);
    }

    /** One datagram in two packets: only the first has its ports, only the second its mark. */
    private List<byte[]> fragments(String to, byte[] mark) {
        byte[] whole = udp(4000, 111, join(new byte[16], mark));
        byte[] first = Arrays.copyOfRange(whole, 0, 24);
        byte[] second = Arrays.copyOfRange(whole, 24, whole.length);
        return List.of(
                ethernet(GATEWAY_MAC, mac, IP, packet(ip, to, UDP, 0x2000, NONE, first)),
                ethernet(GATEWAY_MAC, mac, IP, packet(ip, to, UDP, 3, NONE, second)));
    }

    /** An option with one address in it, the next to be used: 131 says where to go on, 7 records. */
    private static byte[] options(int type, String address) {
        return join(new byte[] {(byte) type, 7, 4}, address(address), new byte[1]);
    }
}
