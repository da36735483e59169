package dev.viber.api.browser;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Browsers of microVMs that are kept ready, all made from one snapshot.
 *
 * @param name well-formed as a VM's, at most 40 characters
 * @param snapshot of a VM whose browser was ready: what every session begins as
 * @param warm how many are kept ready for whoever comes next, from 0
 * @param most how many there may be together, those in use included, from 1
 * @param limit the longest a session may last
 * @param egress networks and services they may reach beside the internet, as in {@code VmSpec}; null for the default policy
 * @param standby how long nobody uses one of its VMs before that stands by, as in {@code VmSpec}; null for never
 */
public record Pool(
        String name,
        String snapshot,
        int warm,
        int most,
        Duration limit,
        @Nullable List<String> egress,
        @Nullable Duration standby) {
    /** The topics of what happens to pools: {@code pool/<name>}. */
    public static final String TOPIC = "pool/";

    /** A copy of what may change under it. */
    public Pool {
        egress = egress == null ? null : List.copyOf(egress);
    }
}
