package dev.viber.api.rest;

import dev.viber.api.workload.Workload;
import org.jspecify.annotations.Nullable;

/** A workload to make. */
public record WorkloadRequest(
        @About(value = "Its name, unique among the workloads there are.", example = "\"web\"")
        @Text(pattern = Workload.NAME_PATTERN)
        String name,

        @About("What its VMs are made from; what is usual where it is not there.")
        @Members(value = WorkloadTemplate.class, open = false)
        @Nullable
        WorkloadTemplate template,

        @About(value = "How many VMs are wanted; 1 where it is not there.", example = "3")
        @Range(min = 0, max = Workload.MOST)
        @Nullable
        Integer replicas,

        @About("Which replicas are replaced when their VMs have ended; always where it is not there.")
        @Words({"always", "on-failure", "never"})
        @Nullable
        String restart) {
    /** What is asked for, with what is usual where nothing was said. */
    public Workload workload() {
        WorkloadTemplate made =
                template == null ? new WorkloadTemplate(null, null, null, null, null, null, null) : template;
        return new Workload(
                name,
                made.template(),
                replicas == null ? 1 : replicas,
                restart == null ? Workload.Restart.ALWAYS : Workload.Restart.of(restart));
    }
}
