package dev.viber.api.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.workload.Workload;
import org.jspecify.annotations.Nullable;

/** What is to be different about a workload; what is not there stays. */
public record WorkloadChange(
        @About(value = "How many VMs are wanted.", example = "5") @Range(min = 0, max = Workload.MOST) @Nullable
        Integer replicas,

        @About("Which replicas are replaced when their VMs have ended.")
        @Words({"always", "on-failure", "never"})
        @Nullable
        String restart,

        @About("Refused: the VMs there are were made from the one it has.")
        @Members(value = WorkloadTemplate.class, open = false)
        @Nullable
        WorkloadTemplate template) {
    /**
     * The policy asked for; null to leave it as it is.
     *
     * @throws ProblemException where another template is asked for
     */
    public Workload.@Nullable Restart policy() {
        if (template != null) {
            throw ProblemException.invalid(
                    "/template",
                    "a workload's template does not change; wanted another workload, of another name, made from it");
        }
        return restart == null ? null : Workload.Restart.of(restart);
    }
}
