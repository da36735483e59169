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

/** {@code viber server}: a gateway. */
@Command(name = "server", description = "Run a gateway.", mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
    @Mixin
    DaemonOptions daemon = new DaemonOptions();

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
        Map<String, String> variables = new HashMap<>();
        variables.put("state", state.toString());
        variables.put("listen", DaemonOptions.listen(listen));
        variables.put("legacy.listen", DaemonOptions.legacyListen(legacyListen));
        tls.putInto(variables);
        variables.putAll(DaemonOptions.database());
        daemon.run("server", state, List.of(state), variables, state.resolve("server.json"));
        return 0;
    }
}
