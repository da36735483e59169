package dev.viber.hypervisor.cloud;

import java.io.IOException;
import java.util.List;

/** Cloud Hypervisor did not do what it was asked; the last of its reasons decides what it means, not the status. */
final class CloudRefusal extends IOException {
    private static final long serialVersionUID = 1;

    private final transient List<String> reasons;

    CloudRefusal(String call, int status, List<String> reasons) {
        super("Cloud Hypervisor refused %s (%d): %s".formatted(call, status, String.join(": ", reasons)));
        this.reasons = List.copyOf(reasons);
    }

    /** Whether its last reason is this. */
    boolean ends(String reason) {
        return !reasons.isEmpty() && reasons.getLast().equals(reason);
    }

    /** Whether there is no machine yet in this process. */
    boolean hasNoMachine() {
        return ends("VM is not created") || ends("VM config is missing");
    }
}
