package dev.viber.browser.local;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a session may reach: the internet, and what is listed. A name is resolved here and once, and what is dialled is the
 * address that was looked at.
 */
final class Egress {
    /** Where nobody gets by default: those of {@code network-linux}, and their like in IPv6. */
    private static final List<Network> NOT_PUBLIC = Stream.of(
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
                    "224.0.0.0/3",
                    // Teredo and its neighbours, test addresses, and 6to4, in which an address of IPv4 can be hidden.
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20")
            .map(Network::of)
            .toList();
    /** Of IPv6 only this is handed out; loopback, link-local, private, mapped and translated ones are outside. */
    private static final Network GLOBAL = Network.of("2000::/3");

    private final List<Network> networks = new ArrayList<>();
    private final List<Service> services = new ArrayList<>();
    private final Names names;

    /** How names become addresses. */
    @FunctionalInterface
    interface Names {
        /** The addresses of a name, or of an address as text. */
        InetAddress[] find(String host) throws UnknownHostException;
    }

    /** It may not be reached; the message says why. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private record Service(InetAddress address, int port) {}

    /** Addresses with the same first bits. */
    private record Network(InetAddress address, int bits) {
        static Network of(String text) {
            int slash = text.indexOf('/');
            InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
            int most = address.getAddress().length * 8;
            try {
                int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
                if (bits >= 0 && bits <= most) {
                    return new Network(address, bits);
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new IllegalArgumentException("its prefix is none");
        }

        boolean has(InetAddress other) {
            byte[] bytes = other.getAddress();
            byte[] own = address.getAddress();
            if (bytes.length != own.length) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                if (((bytes[i / 8] ^ own[i / 8]) & (0x80 >> (i % 8))) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * A policy.
     *
     * @param allowed networks, as {@code 10.1.2.0/24}, and services, as {@code 10.1.2.3:443} or {@code [fd00::1]:443}
     * @throws IllegalArgumentException naming the one that is neither
     */
    Egress(List<String> allowed, Names names) {
        this.names = names;
        for (String each : allowed) {
            try {
                int colon = each.lastIndexOf(':');
                if (each.startsWith("[") || (each.indexOf(':') == colon && colon > 0)) {
                    int port = Integer.parseInt(each.substring(colon + 1));
                    String host = each.substring(0, colon);
                    if (port < 1 || port > 65_535) {
                        throw new IllegalArgumentException("its port is none");
                    }
                    boolean v6 = host.startsWith("[") && host.endsWith("]");
                    services.add(new Service(literal(v6 ? host.substring(1, host.length() - 1) : host), port));
                } else {
                    networks.add(Network.of(each));
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "egress has '%s'; wanted an address or a network, as 10.1.2.0/24, or a service, as 10.1.2.3:443 or [fd00::1]:443"
                                .formatted(each),
                        e);
            }
        }
    }

    /**
     * The addresses that may be dialled for this host, in the order of the resolver.
     *
     * @throws RefusedException where it has addresses, of which none may be
     * @throws UnknownHostException where it has none
     */
    List<InetAddress> addresses(String host, int port) throws IOException {
        InetAddress[] found = names.find(host);
        List<InetAddress> out = new ArrayList<>();
        for (InetAddress each : found) {
            if (allows(each, port)) {
                out.add(each);
            }
        }
        if (out.isEmpty()) {
            throw new RefusedException("%s port %d is not reached from here: %s is neither of the internet nor allowed"
                    .formatted(host, port, found.length == 0 ? "it" : found[0].getHostAddress()));
        }
        return out;
    }

    private boolean allows(InetAddress address, int port) throws SocketException {
        if (services.stream()
                .anyMatch(each -> each.port() == port && each.address().equals(address))) {
            return true;
        }
        // A network never opens this machine, whichever of its addresses is in it.
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || NetworkInterface.getByInetAddress(address) != null) {
            return false;
        }
        if (networks.stream().anyMatch(each -> each.has(address))) {
            return true;
        }
        return (address instanceof Inet4Address || GLOBAL.has(address))
                && NOT_PUBLIC.stream().noneMatch(each -> each.has(address));
    }

    private static InetAddress literal(String text) {
        return InetAddress.ofLiteral(text);
    }
}
