package dev.viber.api.vm;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for.
 *
 * @param name {@link #NAME_PATTERN}
 * @param cpuCores from 1
 * @param memoryMb MiB, from 64
 * @param kernelCmdline is appended to the kernel's command line; null for nothing
 * @param hypervisor its name; null for the first that can run here
 * @param restart what to do when it crashes
 * @param egress networks it may reach beside the internet, as {@code 10.1.2.0/24}, and services, as {@code 10.1.2.3:443},
 *     which may be the host's own; null for the default policy
 * @param snapshot the name of the snapshot it begins as; null where it boots from the image
 * @param standby how long nobody uses it before it stands by; null for never
 */
public record VmSpec(
        String name,
        int cpuCores,
        int memoryMb,
        @Nullable String kernelCmdline,
        @Nullable String hypervisor,
        Restart restart,
        @Nullable List<String> egress,
        @Nullable String snapshot,
        @Nullable Duration standby) {
    /** What is well-formed as a VM's name. */
    public static final String NAME_PATTERN = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    /** {@link #NAME_PATTERN} in words. */
    public static final String NAME_WORDS =
            "1 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends";

    /** What is well-formed as an addition to the kernel's command line: words, none of which the platform sets itself. */
    public static final String CMDLINE_PATTERN = "[A-Za-z0-9_.,:/=@+-]+( [A-Za-z0-9_.,:/=@+-]+)*";

    /** What to do when it crashes. */
    public enum Restart {
        /** Nothing. */
        NEVER,
        /** It comes up again, with a pause that grows. */
        ON_FAILURE;

        /** The word shown to people and programs. */
        public String word() {
            return this == NEVER ? "never" : "on-failure";
        }

        /**
         * How long what crashed stays down before it is brought up again.
         *
         * @param failures how often it failed in a row, from 1
         * @return from 1 second, twice as long each time, to a minute
         */
        public static Duration pause(int failures) {
            return Duration.ofSeconds(Math.min(60, 1L << Math.min(failures - 1, 6)));
        }
    }

    /** A copy of what may change under it. */
    public VmSpec {
        egress = egress == null ? null : List.copyOf(egress);
    }
}
