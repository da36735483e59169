package dev.viber.api.vm;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address held for a VM.
 *
 * @param ipAddress dotted IPv4
 */
public record Lease(String ipAddress) {
    /**
     * The guest's MAC: {@code 0a:58} and the four octets, unique for each lease and readable back.
     *
     * <pre>{@code
     * new Lease("192.168.127.10").macAddress() // 0a:58:c0:a8:7f:0a
     * }</pre>
     */
    public String macAddress() {
        byte[] octets = octets();
        return "0a:58:%02x:%02x:%02x:%02x".formatted(octets[0], octets[1], octets[2], octets[3]);
    }

    /**
     * The name of the tap on the host: unique for each lease and within Linux's 15 characters, whatever the VM is called.
     *
     * <pre>{@code
     * new Lease("192.168.127.10").tap() // vpt-c0a87f0a
     * }</pre>
     */
    public String tap() {
        byte[] octets = octets();
        return "vpt-%02x%02x%02x%02x".formatted(octets[0], octets[1], octets[2], octets[3]);
    }

    private byte[] octets() {
        try {
            return Inet4Address.ofLiteral(ipAddress).getAddress();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'%s' is no IPv4 address".formatted(ipAddress), e);
        }
    }

    /** The address, without asking any name service. */
    public InetAddress address() {
        try {
            return InetAddress.getByAddress(octets());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
