package dev.viber.guest.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses to listen on, as people write them. */
final class Addresses {
    private static final int HIGHEST_PORT = 65_535;

    private Addresses() {}

    /**
     * Reads {@code HOST:PORT}, {@code :PORT} (all addresses) or {@code [V6]:PORT}.
     *
     * @param name of the setting, for the error
     * @throws IllegalArgumentException where it is none of these
     */
    static InetSocketAddress parse(String name, String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (colon >= 0 && port >= 0 && port <= HIGHEST_PORT) {
                String host = text.substring(0, colon);
                return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException(name + " is '" + text + "', wanted HOST:PORT or :PORT");
    }

    /** On all addresses where a token guards it, else on the loopback alone. */
    static InetSocketAddress byDefault(int port, boolean guarded) {
        return guarded ? new InetSocketAddress(port) : new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
