package dev.viber.network.linux;

import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Network;

/**
 * Names and addresses of the network of microVMs.
 *
 * <pre>{@code
 * Layout.of("viperbr0", "192.168.127.0/24", "192.168.127.1")
 * }</pre>
 *
 * @param bridge the name of the bridge, which the nft tables bear, too
 * @param plan its addresses
 */
public record Layout(String bridge, Network.Plan plan) {
    /** What a link may be called: Linux takes 15 bytes. */
    private static final String LINK = "[a-z][a-z0-9]{0,14}";

    /**
     * Checks and takes a layout.
     *
     * @throws IllegalArgumentException naming what is wrong and what was wanted
     */
    public static Layout of(String bridge, String subnet, String gateway) {
        if (!bridge.matches(LINK)) {
            throw new IllegalArgumentException(
                    "bridge is '%s'; wanted 1 to 15 lower-case letters and digits, a letter first".formatted(bridge));
        }
        int slash = subnet.indexOf('/');
        int prefix;
        try {
            prefix = slash < 0 ? -1 : Integer.parseInt(subnet.substring(slash + 1));
        } catch (NumberFormatException e) {
            prefix = -1;
        }
        if (prefix < 16 || prefix > 29) {
            throw new IllegalArgumentException(
                    "subnet is '%s'; wanted an IPv4 network of 16 to 29 bits, as 192.168.127.0/24".formatted(subnet));
        }
        long network = number(subnet.substring(0, slash));
        long size = 1L << (32 - prefix);
        if (network % size != 0) {
            throw new IllegalArgumentException(
                    "subnet is '%s'; its address has bits outside its %d bits of network".formatted(subnet, prefix));
        }
        long host = number(gateway);
        if (host <= network || host >= network + size - 1) {
            throw new IllegalArgumentException(
                    "host address is '%s'; wanted one within %s, neither its first nor its last"
                            .formatted(gateway, subnet));
        }
        return new Layout(bridge, new Network.Plan(subnet, gateway, prefix));
    }

    private static long number(String address) {
        byte[] octets = new Lease(address).address().getAddress();
        long number = 0;
        for (byte octet : octets) {
            number = (number << 8) | (octet & 0xFF);
        }
        return number;
    }

    /** The host's address with the prefix, as {@code ip} takes it. */
    String hostAddress() {
        return plan.gateway() + "/" + plan.prefix();
    }

    /** The bridge's own MAC, set so that it never becomes that of a tap: by the scheme of {@link Lease#macAddress()}. */
    String bridgeMac() {
        return new Lease(plan.gateway()).macAddress();
    }
}
