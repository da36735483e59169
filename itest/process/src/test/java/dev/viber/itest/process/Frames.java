package dev.viber.itest.process;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Frames and packets put together by hand, so that any of their fields can be a lie. */
final class Frames {
    static final int IP = 0x0800;
    static final int ARP = 0x0806;
    static final int IP6 = 0x86dd;
    static final String ALL = "ff:ff:ff:ff:ff:ff";
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int GRE = 47;
    static final int ICMP6 = 58;

    private Frames() {}

    static byte[] ethernet(String to, String from, int type, byte[] payload) {
        return join(mac(to), mac(from), two(type), payload);
    }

    /** With a tag of 802.1Q; network 0 is a mere priority. */
    static byte[] tagged(String to, String from, int network, int type, byte[] payload) {
        return join(mac(to), mac(from), two(0x8100), two(network), two(type), payload);
    }

    /** A packet of IPv4. */
    static byte[] packet(String from, String to, int protocol, byte[] payload) {
        return packet(from, to, protocol, 0, new byte[0], payload);
    }

    /** The same; the third half-word of the header is flags and offset of fragments; options fill words of four. */
    static byte[] packet(String from, String to, int protocol, int fragment, byte[] options, byte[] payload) {
        int length = 20 + options.length;
        byte[] header = join(
                new byte[] {(byte) (0x40 | length / 4), 0},
                two(length + payload.length),
                two(7),
                two(fragment),
                new byte[] {64, (byte) protocol, 0, 0},
                address(from),
                address(to),
                options);
        return join(summed(header, 10, 0), payload);
    }

    /** A packet of IPv6. */
    static byte[] packet6(String from, String to, int protocol, byte[] payload) {
        byte[] ends = join(address(from), address(to));
        int place = protocol == UDP ? 6 : protocol == TCP ? 16 : 2;
        long start = sum(ends) + protocol + payload.length;
        return join(
                new byte[] {0x60, 0, 0, 0},
                two(payload.length),
                new byte[] {(byte) protocol, 64},
                ends,
                summed(payload, place, start));
    }

    /** A datagram without a checksum, which IPv4 allows. */
    static byte[] udp(int from, int to, byte[] payload) {
        return join(two(from), two(to), two(8 + payload.length), two(0), payload);
    }

    /** A segment; the flags as in the header: 2 is SYN, 16 is ACK. */
    static byte[] tcp(String source, String target, int from, int to, int flags, byte[] payload) {
        byte[] segment = join(
                two(from), two(to), new byte[8], new byte[] {0x50, (byte) flags}, two(8192), two(0), two(0), payload);
        return summed(segment, 16, sum(join(address(source), address(target))) + TCP + segment.length);
    }

    /** A message of ICMP; four bytes lie between its head and what it carries. */
    static byte[] icmp(int type, int code, byte[] four, byte[] payload) {
        return summed(join(new byte[] {(byte) type, (byte) code, 0, 0}, four, payload), 2, 0);
    }

    /** ARP, with something behind it; 1 asks, 2 answers. */
    static byte[] arp(int what, String mac, String ip, String targetMac, String targetIp, byte[] behind) {
        return join(
                new byte[] {0, 1, 8, 0, 6, 4, 0, (byte) what},
                mac(mac),
                address(ip),
                mac(targetMac),
                address(targetIp),
                behind);
    }

    /** A question for the address of a name. */
    static byte[] question(int id, String name) {
        ByteArrayOutputStream question = new ByteArrayOutputStream();
        question.writeBytes(join(two(id), two(0x0100), two(1), new byte[6]));
        for (String label : name.split("\\.", -1)) {
            question.write(label.length());
            question.writeBytes(bytes(label));
        }
        question.writeBytes(join(new byte[1], two(1), two(1)));
        return question.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] mac(String mac) {
        return HexFormat.ofDelimiter(":").parseHex(mac);
    }

    static byte[] address(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static byte[] two(int number) {
        return ByteBuffer.allocate(2).putShort((short) number).array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] summed(byte[] bytes, int place, long start) {
        long sum = start + sum(bytes);
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        byte[] checked = bytes.clone();
        ByteBuffer.wrap(checked).putShort(place, (short) ~sum);
        return checked;
    }

    private static long sum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xFFL) << (i % 2 == 0 ? 8 : 0);
        }
        return sum;
    }
}
