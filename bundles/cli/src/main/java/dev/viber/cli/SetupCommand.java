package dev.viber.cli;

import dev.viber.api.vm.FileArrival;
import dev.viber.launcher.OwnerOnly;
import dev.viber.network.linux.Layout;
import dev.viber.network.linux.Setup;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code viper setup}: prepares this host for microVMs, and undoes it. */
@Command(
        name = "setup",
        description = {
            "Prepare this host for microVMs: network, image, and a server where none runs.",
            "Each step does nothing where it is done; as root, or with CAP_NET_ADMIN."
        },
        mixinStandardHelpOptions = true)
final class SetupCommand implements Callable<Integer> {
    private static final Duration START = Duration.ofMinutes(2);

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--dry-run", description = "Only show what would be done.")
    boolean dryRun;

    @Option(names = "--remove", description = "Leave links, rules and forwarding as they were before; servers go on.")
    boolean remove;

    @Option(names = "--no-image", description = "Build no image.")
    boolean noImage;

    @Option(names = "--no-server", description = "Start no server.")
    boolean noServer;

    @Option(
            names = "--bridge",
            defaultValue = "${env:VIPER_BRIDGE:-viperbr0}",
            description = "The bridge; else VIPER_BRIDGE, viperbr0.")
    String bridge = "";

    @Option(
            names = "--subnet",
            defaultValue = "${env:VIPER_SUBNET:-192.168.127.0/24}",
            description = "The guests' network; else VIPER_SUBNET, 192.168.127.0/24.")
    String subnet = "";

    @Option(
            names = "--host-ip",
            defaultValue = "${env:VIPER_HOST_IP:-192.168.127.1}",
            description = "The host's address in it; else VIPER_HOST_IP, 192.168.127.1.")
    String hostIp = "";

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "The server's state folder; else VIBER_STATE, ~/.viper.")
    @Nullable
    Path state;

    @Option(names = "--json", description = "One JSON object per line.")
    boolean json;

    private record Done(String step, String commands, boolean done) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandSpec present = Objects.requireNonNull(spec, "set by picocli");
        Output output =
                new Output(present.commandLine().getOut(), present.commandLine().getErr(), json);
        Discovery discovery = Discovery.ours(state);
        Layout layout;
        try {
            layout = Layout.of(bridge, subnet, hostIp);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(Exit.USAGE, String.valueOf(e.getMessage()));
        }
        Path folder = discovery.serverState().toAbsolutePath();
        if (!dryRun && !remove) {
            OwnerOnly.makeFolder(folder); // the steps keep what was there before in it
        }
        Setup setup = new Setup(layout, folder.resolve("run"));
        for (Setup.Step step : remove ? setup.removal() : setup.steps()) {
            output.show(
                    new Done(step.purpose(), step.shown(), !dryRun),
                    "# " + step.purpose() + "\n" + step.shown() + (dryRun ? "" : "\n# done") + "\n");
            if (!dryRun) {
                perform(step);
            }
        }
        if (!remove) {
            image(output);
            server(output, discovery, folder);
        }
        return Exit.DONE;
    }

    private static void perform(Setup.Step step) {
        try {
            step.perform();
        } catch (IOException e) {
            throw new CommandFailure(
                    Exit.FAILED,
                    "%s: %s%s"
                            .formatted(
                                    step.purpose(),
                                    e.getMessage(),
                                    String.valueOf(e.getMessage()).contains("not permitted")
                                            ? "; run it as root"
                                            : ""));
        }
    }

    private void image(Output output) throws IOException, InterruptedException {
        Path images = ImageCommand.folder(System.getenv());
        boolean there = images != null && Files.exists(images.resolve("vmlinux-x86_64"));
        if (noImage || there) {
            return;
        }
        output.show(
                new Done("an image for guests", "viper image build", !dryRun),
                "# an image for guests\nviper image build\n");
        if (!dryRun && ImageCommand.run(List.of()) != Exit.DONE) {
            throw new CommandFailure(Exit.FAILED, "the image could not be built; --no-image leaves it out");
        }
    }

    /** A server in the background, in a session of its own, where none answers. */
    private void server(Output output, Discovery discovery, Path folder) throws IOException, InterruptedException {
        URI address = discovery.server(null);
        if (noServer || answers(address)) {
            return;
        }
        Path home = Path.of(System.getProperty("viber.home", "."));
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                home.resolve("bin/viber").toString(),
                "server",
                "--state",
                folder.toString(),
                "--listen",
                DaemonOptions.listen(null)));
        output.show(
                new Done("a server in the background", String.join(" ", command), !dryRun),
                "# a server in the background\n" + String.join(" ", command) + " &\n");
        if (dryRun) {
            return;
        }
        Files.createDirectories(folder.resolve("logs"));
        // That of a server that was killed would say that this one is ready.
        Files.deleteIfExists(folder.resolve("server.json"));
        Path log = folder.resolve("logs/server.out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment()
                .putAll(Map.of(
                        "VIBER_NETWORK_LINUX_BRIDGE", bridge,
                        "VIBER_NETWORK_LINUX_SUBNET", subnet,
                        "VIBER_NETWORK_LINUX_HOST_IP", hostIp));
        builder.start();
        if (!FileArrival.await(folder.resolve("server.json"), START)) {
            throw new CommandFailure(Exit.FAILED, "the server did not say that it is ready; " + log + " tells more");
        }
        output.line("# the server is ready; next: viper vms create web-1 --wait");
    }

    private static boolean answers(URI address) {
        int port = address.getPort() > 0 ? address.getPort() : 80;
        try (java.net.Socket socket = new java.net.Socket(address.getHost(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
