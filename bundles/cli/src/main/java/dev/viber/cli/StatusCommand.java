package dev.viber.cli;

import dev.viber.api.rest.SystemStatus;
import dev.viber.client.ViberClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code viber status}: how the server is, or the daemon on this machine. */
@Command(
        name = "status",
        description = "Show how the server is or, where none is named, the daemon that runs here.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    ServerOptions server = new ServerOptions();

    @Override
    public Integer call() {
        Output output = server.output();
        Discovery discovery = server.discovery();
        if (discovery.named(server.server) != null) {
            return remote(output);
        }
        for (Path socket : discovery.sockets()) {
            Optional<LocalDaemon> found = LocalDaemon.at(socket);
            if (found.isPresent()) {
                try (LocalDaemon daemon = found.get()) {
                    Map<String, Object> status = daemon.call(Map.of("call", "status"), _ -> {});
                    status.remove("done");
                    status.put("socket", socket.toString());
                    local(output, status);
                    return Exit.DONE;
                }
            }
        }
        if (discovery.running() != null) {
            return remote(output);
        }
        throw new CommandFailure(
                Exit.NO_SERVER,
                "nothing runs here: no viber answers on " + Discovery.socket(discovery.viberState()) + ", no server in "
                        + discovery.serverState() + "; start one with 'viber up'");
    }

    private int remote(Output output) {
        try (ViberClient client = server.client()) {
            SystemStatus status = client.systemStatus();
            output.object(status);
            output.line("server   " + client.base() + ", up " + Times.text(Duration.ofSeconds(status.uptime())));
            output.line("vibers   " + Json.write(status.vibers()));
            output.line("tasks    " + Json.write(status.tasks()));
            output.line("parts    " + Json.write(status.parts()));
            output.line("store    " + Json.write(status.store()));
            output.line("load     cpu %.1f %%, heap %.1f %%".formatted(status.cpu_percent(), status.mem_percent()));
        }
        return Exit.DONE;
    }

    private static void local(Output output, Map<String, Object> status) {
        output.object(status);
        String up = status.get("uptime") instanceof Number seconds
                ? ", up " + Times.text(Duration.ofSeconds(seconds.longValue()))
                : "";
        output.line("process  " + status.get("pid") + up);
        output.line("socket   " + status.get("socket"));
        if (status.get("viber") instanceof Map<?, ?> viber) {
            output.line("viber    " + viber.get("id") + ", " + viber.get("mode")
                    + (viber.get("server") == null ? "" : " to " + viber.get("server")));
            if (viber.get("lastError") != null) {
                output.line("         " + viber.get("lastError"));
            }
            output.line("unacked  " + viber.get("unacked"));
        }
        if (status.get("tasks") instanceof Map<?, ?> tasks) {
            output.line("tasks    " + tasks.get("busy") + " of " + tasks.get("capacity") + " " + tasks.get("running"));
        }
        if (status.get("tools") instanceof List<?> tools) {
            output.line("tools    " + Output.text(tools));
        }
        output.line("parts    " + Output.text(status.get("parts")));
        output.line("stores   " + Output.text(status.get("stores")));
    }
}
