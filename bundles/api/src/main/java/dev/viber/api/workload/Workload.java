package dev.viber.api.workload;

import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A wanted state: so many VMs, all made from one template.
 *
 * @param name {@link #NAME_PATTERN}; its VMs are called {@code <name>-<number>}
 * @param replicas how many are wanted, from 0 to {@link #MOST}
 * @param restart which replicas are replaced when their VMs have ended
 */
public record Workload(String name, Template template, int replicas, Restart restart) {
    /** The topics of what happens to workloads: {@code workload/<name>}. */
    public static final String TOPIC = "workload/";

    /** What is well-formed as a workload's name: shorter than a VM's, which has a number behind it. */
    public static final String NAME_PATTERN = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?";

    /** {@link #NAME_PATTERN} in words. */
    public static final String NAME_WORDS =
            "1 to 40 lower-case letters, digits and hyphens, a letter or digit at both ends";

    /** The most replicas that may be wanted. */
    public static final int MOST = 1000;

    /** Which replicas are replaced when their VMs have ended by themselves. One whose VM somebody deletes always is. */
    public enum Restart {
        /** Every one. */
        ALWAYS,
        /** One that crashed or did not come up; one that ended in good order has done its work. */
        ON_FAILURE,
        /** None. */
        NEVER;

        /** The word shown to people and programs; those that VMs have, too, are the same. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /**
         * The policy of this word.
         *
         * @throws IllegalArgumentException where there is none
         */
        public static Restart of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        /** Whether a replica is replaced whose VM has ended in this phase. */
        public boolean replaces(Phase ended) {
            return this == ALWAYS || (this == ON_FAILURE && ended != Phase.STOPPED);
        }
    }

    /**
     * What each of its VMs is made from: all of a {@link VmSpec} that is not a replica's own.
     *
     * @param cpuCores from 1; the snapshot's where there is one
     * @param memoryMb MiB, from 64; the snapshot's where there is one
     * @param kernelCmdline is appended to the kernel's command line; null for nothing
     * @param hypervisor its name; null for the first that can run here
     * @param egress as in {@link VmSpec}; null for the default policy
     * @param snapshot the name of the snapshot they begin as; null where they boot from the image
     * @param standby as in {@link VmSpec}; null for never
     */
    public record Template(
            int cpuCores,
            int memoryMb,
            @Nullable String kernelCmdline,
            @Nullable String hypervisor,
            @Nullable List<String> egress,
            @Nullable String snapshot,
            @Nullable Duration standby) {
        /** A copy of what may change under it. */
        public Template {
            egress = egress == null ? null : List.copyOf(egress);
        }

        /**
         * The VM of one replica. Its supervisor never restarts it: it would boot where a snapshot was wanted, so that the
         * workload, which knows the template, is the only one to bring a replica back.
         */
        public VmSpec vm(String name) {
            return new VmSpec(
                    name,
                    cpuCores,
                    memoryMb,
                    kernelCmdline,
                    hypervisor,
                    VmSpec.Restart.NEVER,
                    egress,
                    snapshot,
                    standby);
        }
    }

    /** The name of the VM that is the replica of this number. */
    public String vm(int number) {
        return name + "-" + number;
    }
}
