package dev.viber.cli;

import dev.viber.client.ViberClient;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands that ask a server have in common. */
final class ServerOptions {
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "The server; else VIBER_SERVER, VIPER_API_BASE, the one that runs here, http://127.0.0.1:7777.")
    @Nullable
    String server;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "State folder, with the owner's token where VIBER_TOKEN is not set.")
    @Nullable
    Path state;

    @Mixin
    ConnectionOptions connection = new ConnectionOptions();

    @Option(names = "--json", description = "One JSON object per line.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No line of progress.")
    boolean quiet;

    Discovery discovery() {
        return Discovery.ours(state);
    }

    ViberClient client() {
        Discovery discovery = discovery();
        URI address = discovery.server(server);
        String token = discovery.token();
        if (token != null) {
            connection.requirePrivate(address);
        }
        return new ViberClient(address, token, connection.trust());
    }

    Output output() {
        CommandSpec present = java.util.Objects.requireNonNull(spec, "set by picocli");
        return new Output(present.commandLine().getOut(), present.commandLine().getErr(), json, quiet);
    }
}
