package dev.viber.cli;

import dev.viber.api.rest.WorkloadChange;
import dev.viber.api.rest.WorkloadRequest;
import dev.viber.api.rest.WorkloadRoutes;
import dev.viber.api.rest.WorkloadTemplate;
import dev.viber.api.rest.WorkloadView;
import dev.viber.client.ViberClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viper workloads ...}: how many microVMs of one kind are wanted. */
@Command(
        name = "workloads",
        description = "Want a number of microVMs of one kind, and have it kept.",
        mixinStandardHelpOptions = true)
final class WorkloadsCommand {
    private static final List<String> HEAD = List.of("NAME", "WANTED", "READY", "COMING", "RESTART", "OF", "TROUBLE");

    @Command(
            name = "create",
            description = "Want VMs that are all made from one template.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME", description = "Its VMs are NAME-1, NAME-2 ...") String name,
            @Option(names = "--replicas", paramLabel = "N", description = "How many (default: 1).") @Nullable
                    Integer replicas,
            @Option(
                            names = "--restart",
                            paramLabel = "WHEN",
                            description = "Which are replaced when they have ended: always (the default), on-failure or"
                                    + " never.")
                    @Nullable
                    String restart,
            @Option(names = "--cpu", paramLabel = "N", description = "Processors (default: 2).") @Nullable Integer cpu,
            @Option(names = "--memory", paramLabel = "MIB", description = "Memory (default: 2048).") @Nullable
                    Integer memory,
            @Option(names = "--kernel-cmdline", paramLabel = "WORDS", description = "Appended to the kernel's line.")
                    @Nullable
                    String cmdline,
            @Option(names = "--hypervisor", paramLabel = "NAME", description = "qemu or cloud-hypervisor.") @Nullable
                    String hypervisor,
            @Option(
                            names = "--egress",
                            paramLabel = "NETWORK|ADDRESS:PORT",
                            description = "What they may reach beside the internet; several allowed.")
                    @Nullable
                    List<String> egress,
            @Option(
                            names = "--snapshot",
                            paramLabel = "SNAPSHOT",
                            description = "Make them what this snapshot was, in place of booting them.")
                    @Nullable
                    String snapshot,
            @Option(
                            names = "--standby",
                            paramLabel = "TIME",
                            converter = Times.DurationReader.class,
                            description = "Have one stand still that nobody has used for so long, such as 10m.")
                    @Nullable
                    Duration standby,
            @Option(names = "--wait", description = "Wait until all of them are ready.") boolean wait) {
        WorkloadTemplate template =
                new WorkloadTemplate(cpu, memory, cmdline, hypervisor, egress, snapshot, Times.seconds(standby));
        try (ViberClient client = server.client()) {
            WorkloadView made = client.call(
                    WorkloadRoutes.CREATE_WORKLOAD,
                    Map.of(),
                    waiting(wait),
                    new WorkloadRequest(name, template, replicas, restart));
            server.output().show(made, told(made));
        }
        return Exit.DONE;
    }

    private static Map<String, String> waiting(boolean wait) {
        return wait ? Map.of("wait", "ready") : Map.of();
    }

    private static String told(WorkloadView workload) {
        return "Workload %s wants %d, of which %d are ready"
                .formatted(workload.name(), workload.replicas(), workload.ready());
    }

    @Command(name = "list", description = "List workloads.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions server) {
        try (ViberClient client = server.client()) {
            List<WorkloadView> all = client.call(WorkloadRoutes.LIST_WORKLOADS, Map.of(), Map.of(), null);
            server.output()
                    .table(
                            all,
                            HEAD,
                            all.stream()
                                    .map(one -> List.of(
                                            one.name(),
                                            one.status().equals("deleting")
                                                    ? "deleting"
                                                    : Integer.toString(one.replicas()),
                                            Integer.toString(one.ready()),
                                            Integer.toString(one.coming()),
                                            one.restart(),
                                            of(one.template()),
                                            one.trouble() == null ? "-" : one.trouble()))
                                    .toList(),
                            "no workloads");
        }
        return Exit.DONE;
    }

    private static String of(WorkloadTemplate template) {
        return template.snapshot() == null
                ? "%d processors, %d MiB".formatted(template.cpu_cores(), template.memory_mb())
                : "snapshot " + template.snapshot();
    }

    @Command(
            name = "get",
            aliases = "show",
            description = "Show a workload and each of its replicas.",
            mixinStandardHelpOptions = true)
    int get(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            WorkloadView one = client.call(WorkloadRoutes.GET_WORKLOAD, Map.of("name", name), Map.of(), null);
            Output output = server.output();
            output.object(one);
            output.line("name      " + one.name());
            output.line("status    %s, %d of %d ready, %d coming"
                    .formatted(one.status(), one.ready(), one.replicas(), one.coming()));
            output.line("restart   " + one.restart());
            output.line("of        " + of(one.template()));
            one.members()
                    .forEach(member -> output.line("replica   %d. VM %s is %s%s%s"
                            .formatted(
                                    member.number(),
                                    member.vm(),
                                    member.phase() == null ? member.state() : member.phase(),
                                    member.restarts() == 0 ? "" : ", restarts %d".formatted(member.restarts()),
                                    member.reason() == null
                                            ? ""
                                            : ": "
                                                    + member.reason()
                                                            .lines()
                                                            .findFirst()
                                                            .orElse(""))));
            if (one.trouble() != null) {
                output.line("trouble   " + one.trouble());
            }
        }
        return Exit.DONE;
    }

    @Command(
            name = "scale",
            description = "Change how many VMs are wanted, or which are replaced.",
            mixinStandardHelpOptions = true)
    int scale(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "NAME") String name,
            @Parameters(index = "1", arity = "0..1", paramLabel = "N", description = "How many are wanted from now on.")
                    @Nullable
                    Integer replicas,
            @Option(names = "--restart", paramLabel = "WHEN", description = "always, on-failure or never.") @Nullable
                    String restart,
            @Option(names = "--wait", description = "Wait until all of them are ready, and no others left.")
                    boolean wait) {
        if (replicas == null && restart == null) {
            throw new CommandFailure(Exit.USAGE, "nothing is to change; wanted N, or --restart");
        }
        try (ViberClient client = server.client()) {
            WorkloadView changed = client.call(
                    WorkloadRoutes.CHANGE_WORKLOAD,
                    Map.of("name", name),
                    waiting(wait),
                    new WorkloadChange(replicas, restart, null));
            server.output().show(changed, told(changed));
        }
        return Exit.DONE;
    }

    @Command(name = "delete", description = "Remove a workload with its VMs.", mixinStandardHelpOptions = true)
    int delete(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            client.call(WorkloadRoutes.DELETE_WORKLOAD, Map.of("name", name), Map.of(), null);
            server.output().show(Map.of("name", name, "deleted", true), "Workload " + name + " is gone");
        }
        return Exit.DONE;
    }
}
