package dev.viber.cli;

import dev.viber.api.rest.ForkRequest;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.VmRequest;
import dev.viber.api.rest.VmRoutes;
import dev.viber.api.rest.VmView;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viper vms ...}: microVMs. */
@Command(
        name = "vms",
        description = "Make, list, show, turn on and off, and remove microVMs.",
        subcommands = LiveCommand.class,
        mixinStandardHelpOptions = true)
final class VmsCommand {
    private static final List<String> HEAD = List.of("NAME", "PHASE", "IP", "MAC", "CPU", "MEMORY", "HYPERVISOR");

    @Command(name = "list", description = "List VMs.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions server) {
        try (ViberClient client = server.client()) {
            List<VmView> vms = client.call(Routes.LIST_VMS, Map.of(), Map.of(), null);
            server.output()
                    .table(
                            vms,
                            HEAD,
                            vms.stream()
                                    .map(vm -> List.of(
                                            vm.name(),
                                            vm.phase(),
                                            vm.ip_address(),
                                            vm.mac_address(),
                                            Integer.toString(vm.cpu_cores()),
                                            vm.memory_mb() + " MiB",
                                            by(vm)))
                                    .toList(),
                            "no VMs");
        }
        return Exit.DONE;
    }

    private static String by(VmView vm) {
        return vm.hypervisor() == null ? "-" : vm.hypervisor() + ", " + vm.accelerator();
    }

    @Command(name = "get", aliases = "show", description = "Show a VM.", mixinStandardHelpOptions = true)
    int get(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            VmView vm = client.call(Routes.GET_VM, Map.of("name", name), Map.of(), null);
            Output output = server.output();
            output.object(vm);
            output.line("name          " + vm.name());
            output.line("phase         " + vm.phase());
            if (vm.standby_s() != null) {
                output.line(
                        "stands by     when nobody has used it for " + Times.text(Duration.ofSeconds(vm.standby_s())));
            }
            output.line("address       " + vm.ip_address() + ", " + vm.mac_address());
            output.line("size          " + vm.cpu_cores() + " processors, " + vm.memory_mb() + " MiB");
            output.line("hypervisor    " + by(vm) + (vm.pid() == null ? "" : ", process " + vm.pid()));
            output.line("started       " + Output.text(vm.started_at()));
            output.line("ready         " + Output.text(vm.ready_at()));
            vm.guest().forEach((what, value) -> output.line("%-13s %s".formatted(what, value)));
            output.line("command line  " + Output.text(vm.kernel_cmdline()));
            if (vm.error() != null) {
                output.line("error         " + vm.error());
            }
        }
        return Exit.DONE;
    }

    @Command(name = "create", description = "Make a VM and bring it up.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--cpu", paramLabel = "N", description = "Processors (default: 2).") @Nullable Integer cpu,
            @Option(names = "--memory", paramLabel = "MIB", description = "Memory (default: 2048).") @Nullable
                    Integer memory,
            @Option(names = "--kernel-cmdline", paramLabel = "WORDS", description = "Appended to the kernel's line.")
                    @Nullable
                    String cmdline,
            @Option(names = "--hypervisor", paramLabel = "NAME", description = "qemu or cloud-hypervisor.") @Nullable
                    String hypervisor,
            @Option(names = "--restart", paramLabel = "WHEN", description = "never (the default) or on-failure.")
                    @Nullable
                    String restart,
            @Option(
                            names = "--egress",
                            paramLabel = "NETWORK|ADDRESS:PORT",
                            description =
                                    "What it may reach beside the internet: a network, as 10.1.2.0/24, or a service, as"
                                            + " 10.1.2.3:443, which may be one of this host; several allowed.")
                    @Nullable
                    List<String> egress,
            @Option(
                            names = "--snapshot",
                            paramLabel = "SNAPSHOT",
                            description = "Make it what this snapshot was, in place of booting it.")
                    @Nullable
                    String snapshot,
            @Option(
                            names = "--standby",
                            paramLabel = "TIME",
                            converter = Times.DurationReader.class,
                            description =
                                    "Have it stand by when nobody has used it for this long, as 10m; who uses it then wakes it.")
                    @Nullable
                    Duration standby,
            @Option(names = "--wait", description = "Wait until its guest is ready.") boolean wait) {
        try (ViberClient client = server.client()) {
            VmView vm = client.call(
                    Routes.CREATE_VM,
                    Map.of(),
                    wait ? Map.of("wait", "ready") : Map.of(),
                    new VmRequest(
                            name, cpu, memory, cmdline, hypervisor, restart, egress, snapshot, Times.seconds(standby)));
            server.output()
                    .show(
                            vm,
                            "VM %s is %s at %s%s"
                                    .formatted(
                                            vm.name(),
                                            vm.phase(),
                                            vm.ip_address(),
                                            wait ? "; next: viper browsers proxy " + vm.name() : ""));
        }
        return Exit.DONE;
    }

    @Command(
            name = "fork",
            description = "Make VMs that are what a running one is now: its pages, its logins.",
            mixinStandardHelpOptions = true)
    int fork(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "NAME") String name,
            @Parameters(index = "1..*", paramLabel = "NEW", description = "Names for them; else NAME-f1, NAME-f2 ...")
                    @Nullable
                    List<String> names,
            @Option(
                            names = "--count",
                            paramLabel = "N",
                            description = "How many, where no names are given (default: 1).")
                    @Nullable
                    Integer count,
            @Option(names = "--wait", description = "Wait until their guests are ready.") boolean wait) {
        try (ViberClient client = server.client()) {
            List<VmView> made = client.call(
                    VmRoutes.FORK_VM,
                    Map.of("name", name),
                    wait ? Map.of("wait", "ready") : Map.of(),
                    new ForkRequest(names == null || names.isEmpty() ? null : names, count));
            made.forEach(vm ->
                    server.output().show(vm, "VM %s is %s at %s".formatted(vm.name(), vm.phase(), vm.ip_address())));
        }
        return Exit.DONE;
    }

    @Command(name = "delete", description = "Remove a VM with all it holds.", mixinStandardHelpOptions = true)
    int delete(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            client.call(Routes.DELETE_VM, Map.of("name", name), Map.of(), null);
            server.output().show(Map.of("name", name, "deleted", true), "VM " + name + " is gone");
        }
        return Exit.DONE;
    }

    @Command(
            name = "logs",
            description = "Show what a VM's serial console, its hypervisor or the agent in its guest printed.",
            mixinStandardHelpOptions = true)
    int logs(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--source",
                            paramLabel = "WHICH",
                            defaultValue = "serial",
                            description = "serial (the default), hypervisor or agent.")
                    String source,
            @Option(names = "--agent", description = "As --source agent, for which the guest has to be up.")
                    boolean agent,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Go on as it prints more, until Ctrl-C.")
                    boolean follow) {
        Output output = server.output();
        String stream = agent ? "agent" : source;
        String path = "/vms/" + name + "/logs?source=" + stream;
        try (ViberClient client = server.client();
                Stream<String> lines = client.lines(path, follow ? "text/event-stream" : "text/plain")) {
            lines.filter(line -> !follow || line.startsWith("data: "))
                    .map(line -> follow ? line.substring(6) : line)
                    .forEach(line -> output.show(Map.of("name", name, "stream", stream, "line", line), line));
        }
        return Exit.DONE;
    }

    @Command(
            name = "console",
            description = {
                "The serial console of a VM: what it prints, and what is typed, until Ctrl-].",
                "What it printed last comes first. Typing needs a hypervisor that takes it (QEMU) and a guest that reads"
                        + " it: the standard image has no shell there."
            },
            mixinStandardHelpOptions = true)
    int console(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--read-only", description = "Type nothing; Ctrl-C ends it, too.") boolean readOnly)
            throws IOException, InterruptedException {
        if (server.json) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "a console is bytes, not objects; its lines as objects: viper vms logs %s --follow --json"
                            .formatted(name));
        }
        return new ConsoleSession(server, name, readOnly).run();
    }

    @Command(
            name = "watch",
            description = "Tell what happens to VMs, until Ctrl-C: time, event, name, message.",
            mixinStandardHelpOptions = true)
    int watch(@Mixin ServerOptions server) {
        return EventsCommand.follow(server, "vm/*");
    }

    @Command(name = "start", description = "Bring a VM up that does not run.", mixinStandardHelpOptions = true)
    int start(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--wait", description = "Wait until its guest is ready.") boolean wait) {
        return turn(server, name, Routes.START_VM, wait);
    }

    @Command(name = "stop", description = "End a VM; it keeps its name and address.", mixinStandardHelpOptions = true)
    int stop(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        return turn(server, name, Routes.STOP_VM, false);
    }

    @Command(name = "restart", description = "End a VM and bring it up again.", mixinStandardHelpOptions = true)
    int restart(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--wait", description = "Wait until its guest is ready.") boolean wait) {
        return turn(server, name, Routes.RESTART_VM, wait);
    }

    @Command(name = "pause", description = "Make a VM stand still.", mixinStandardHelpOptions = true)
    int pause(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        return turn(server, name, Routes.PAUSE_VM, false);
    }

    @Command(
            name = "resume",
            description = "Let a VM go on that is paused or stands by.",
            mixinStandardHelpOptions = true)
    int resume(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--wait", description = "Wait until its guest is ready.") boolean wait) {
        return turn(server, name, Routes.RESUME_VM, wait);
    }

    private static int turn(ServerOptions server, String name, Route<Void, VmView> turn, boolean wait) {
        try (ViberClient client = server.client()) {
            VmView vm = client.call(turn, Map.of("name", name), wait ? Map.of("wait", "ready") : Map.of(), null);
            server.output().show(vm, "VM %s is %s".formatted(vm.name(), vm.phase()));
        }
        return Exit.DONE;
    }
}
