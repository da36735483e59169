package dev.viber.api.rest;

import dev.viber.api.browser.Pool;
import dev.viber.api.vm.VmSpec;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pool to make. */
@SuppressWarnings("MemberName")
public record PoolRequest(
        @About(value = "Its name, unique among the pools there are.", example = "\"browsers\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        String name,

        @About(
                value = "The snapshot of a VM whose browser was ready: what every session begins as.",
                example = "\"blank\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        String snapshot,

        @About(value = "How many are kept ready; 1 where it is not there.", example = "2")
        @Range(min = 0, max = 1000)
        @Nullable
        Integer warm,

        @About(value = "How many there may be, those in use included; 10 where it is not there.", example = "10")
        @Range(min = 1, max = 1000)
        @Nullable
        Integer most,

        @About(value = "The longest a session may last, in seconds; an hour where it is not there.", example = "3600")
        @Range(min = 1, max = 604_800)
        @Nullable
        Integer limit_s,

        @About("Networks and services they may reach beside the internet.") @Nullable
        List<String> egress,

        @About(
                value = "Seconds nobody uses one of its VMs before that stands by; never where it is not there.",
                example = "600")
        @Range(min = 1, max = 604_800)
        @Nullable
        Integer standby_s) {
    private static final int WARM = 1;
    private static final int MOST = 10;
    private static final int LIMIT_S = 3600;

    /** What is asked for, with what is usual where nothing was said. */
    public Pool pool() {
        int together = most == null ? MOST : most;
        return new Pool(
                name,
                snapshot,
                warm == null ? Math.min(WARM, together) : warm,
                together,
                Duration.ofSeconds(limit_s == null ? LIMIT_S : limit_s),
                egress,
                standby_s == null ? null : Duration.ofSeconds(standby_s));
    }
}
