package dev.viber.api.vm;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** Connects VMs to the host and, as far as their policy lets them, to the world. */
@ProviderType
public interface Network {
    /**
     * The addresses there are.
     *
     * @param subnet as {@code 192.168.127.0/24}
     * @param gateway the host's own address in it, which is also the guests' name server
     * @param prefix bits of the network's part
     */
    record Plan(String subnet, String gateway, int prefix) {
        /** The netmask in dotted form. */
        public String netmask() {
            int bits = prefix == 0 ? 0 : -1 << (32 - prefix);
            return "%d.%d.%d.%d".formatted(bits >>> 24, bits >>> 16 & 255, bits >>> 8 & 255, bits & 255);
        }
    }

    /** The addresses there are. */
    Plan plan();

    /** What keeps it from connecting VMs, each with its remedy; empty where nothing does. */
    List<String> problems();

    /**
     * Makes the tap of this lease, isolated from other guests, with its policy; does nothing where all is there.
     *
     * @param egress networks and services it may reach beside the internet; null for the default policy
     * @throws IOException naming the step that failed and what the kernel said
     */
    void attach(Lease lease, @Nullable List<String> egress) throws IOException;

    /** Removes the tap of this lease and all that belongs to it; does nothing where it is gone. */
    void detach(Lease lease) throws IOException;

    /** Removes the taps of all leases but these; tells of which. */
    List<String> retain(Collection<Lease> leases) throws IOException;
}
