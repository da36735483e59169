package dev.viber.itest.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What lies around the host in {@link VmEgressIT}: private and public networks behind it, and the name server it asks. */
final class EgressWorld implements AutoCloseable {
    /** Where the host's own name server is. */
    static final String NAMES = "127.0.0.53";

    private static final Map<String, List<String>> ADDRESSES = Map.of(
            "public.test", List.of(EgressTries.PUBLIC),
            "private.test", List.of(EgressTries.PRIVATE),
            "metadata.test", List.of("169.254.169.254"),
            // Whoever finds nothing at the first goes to the second: rebinding without waiting.
            "both.test", List.of(EgressTries.PUBLIC, EgressTries.PRIVATE));

    private static final String HOST = """
            ip link add up0 type veth peer name world0
            ip addr add %s/30 dev up0
            ip link set up0 up
            ip route add default via 198.51.99.2
            ip addr add %s/32 dev lo
            # What a host may well have set, and makes the tries harder to ward off.
            for setting in all default; do
              echo 1 >/proc/sys/net/ipv4/conf/$setting/route_localnet
              echo 1 >/proc/sys/net/ipv4/conf/$setting/accept_source_route
              echo 0 >/proc/sys/net/ipv4/conf/$setting/rp_filter
            done
            echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
            ip addr add fd00:77::1/64 dev up0 nodad
            """.formatted(EgressTries.HOST_PUBLIC, EgressTries.HOST_PRIVATE);

    private static final String NO_HOST = """
            ip link del up0
            ip addr del %s/32 dev lo
            for setting in all default; do
              echo 0 >/proc/sys/net/ipv4/conf/$setting/route_localnet
              echo 0 >/proc/sys/net/ipv4/conf/$setting/accept_source_route
            done
            echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
            """.formatted(EgressTries.HOST_PRIVATE);

    private static final String WORLD = """
            echo waits
            read -r go
            set -e
            ip link set lo up
            ip addr add 198.51.99.2/30 dev world0
            ip link set world0 up
            for address in 8.8.4.4 10.1.2.3 10.77.0.5 10.77.0.6 10.88.0.5 169.254.169.254 172.16.9.9 192.168.77.7 100.64.1.1; do
              ip addr add $address/32 dev lo
            done
            ip route add default via 198.51.99.1
            ip addr add fd00:77::2/64 dev world0 nodad
            exec "$1" world world0
            """;

    private final EgressProbe probe;
    private final DatagramSocket names;

    /** Made around this process's own network namespace, with the probe that witnesses. */
    EgressWorld(Path program) throws IOException, InterruptedException {
        Machines.said(List.of("sh", "-ec", HOST));
        Process process = new ProcessBuilder("unshare", "--net", "sh", "-c", WORLD, "sh", program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        probe = EgressProbe.of(process, "waits");
        Machines.said(List.of("ip", "link", "set", "world0", "netns", Long.toString(process.pid())));
        probe.tell("go");
        probe.says("serves");
        names = new DatagramSocket(53, InetAddress.getByName(NAMES));
        Thread.ofVirtual().start(this::answer);
    }

    EgressProbe probe() {
        return probe;
    }

    private void answer() {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                names.receive(packet);
                if (packet.getLength() < 18) {
                    continue; // no question
                }
                byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
                names.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            if (!names.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] answer(byte[] question) {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (at < question.length - 5 && question[at] != 0) {
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(question, at + 1, question[at], StandardCharsets.US_ASCII));
            at += question[at] + 1;
        }
        int end = Math.min(question.length, at + 5);
        List<String> found = ADDRESSES.get(name.toString());
        List<String> told = found == null || question[at + 2] != 1 ? List.of() : found;
        byte[] answer = Frames.join(
                Arrays.copyOf(question, 2),
                Frames.two(found == null ? 0x8183 : 0x8180),
                Frames.two(1),
                Frames.two(told.size()),
                new byte[4],
                Arrays.copyOfRange(question, 12, end));
        for (String address : told) {
            answer = Frames.join(
                    answer,
                    Frames.two(0xc00c),
                    Frames.two(1),
                    Frames.two(1),
                    new byte[4],
                    Frames.two(4),
                    Frames.address(address));
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        names.close();
        probe.close();
        try {
            Machines.said(List.of("sh", "-ec", NO_HOST));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
