package dev.viber.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code viber start}: a viber that dials out to a gateway. */
@Command(name = "start", description = "Run a viber that dials out to a gateway.", mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
    @Mixin
    DaemonOptions daemon = new DaemonOptions();

    @Mixin
    ViberOptions viber = new ViberOptions();

    @Option(names = "--server", paramLabel = "URL", description = "The gateway, as ws://HOST:PORT; else VIBER_SERVER.")
    @Nullable
    String server;

    @Override
    public Integer call() throws Exception {
        Path state = daemon.state("viber");
        Map<String, String> environment = System.getenv();
        Map<String, String> variables = new HashMap<>();
        variables.put("viber.state", state.toString());
        variables.put("server", server != null ? server : environment.getOrDefault("VIBER_SERVER", ""));
        variables.put("token", environment.getOrDefault("VIBER_TOKEN", ""));
        viber.putInto(variables);
        daemon.run("viber", state, List.of(state), variables, state.resolve("viber.json"));
        return 0;
    }
}
