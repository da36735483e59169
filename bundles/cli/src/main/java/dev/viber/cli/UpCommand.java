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

/** {@code viber up}: gateway and viber in one process. */
@Command(name = "up", description = "Run a gateway with a viber in one process.", mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    @Mixin
    DaemonOptions daemon = new DaemonOptions();

    @Mixin
    ViberOptions viber = new ViberOptions();

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Where to listen; port 0 is a free one.")
    @Nullable
    String listen;

    @Option(
            names = "--legacy-listen",
            paramLabel = "HOST:PORT",
            description = "Where on loopback the first Viper's programs may come without a token; else nowhere.")
    @Nullable
    String legacyListen;

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Override
    public Integer call() throws Exception {
        Path state = daemon.state("viper");
        Path viberState = state.resolve("viber");
        Map<String, String> variables = new HashMap<>();
        variables.put("state", state.toString());
        variables.put("viber.state", viberState.toString());
        variables.put("listen", DaemonOptions.listen(listen));
        variables.put("legacy.listen", DaemonOptions.legacyListen(legacyListen));
        tls.putInto(variables);
        viber.putInto(variables);
        variables.putAll(DaemonOptions.database());
        daemon.run(
                "all",
                state,
                List.of(state, viberState),
                variables,
                List.of(state.resolve("server.json"), viberState.resolve("viber.json")),
                FirstTask.in(state, daemon.state != null));
        return 0;
    }
}
