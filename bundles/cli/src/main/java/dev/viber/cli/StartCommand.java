package dev.viber.cli;

import java.net.URI;
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

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The gateway, as wss://HOST:PORT; else VIBER_SERVER, else the one logged in to.")
    @Nullable
    String server;

    @Option(names = "--local", description = "Dial no gateway: serve 'viber run' on this machine alone.")
    boolean local;

    @Mixin
    ConnectionOptions connection = new ConnectionOptions();

    @Override
    public Integer call() throws Exception {
        Path state = daemon.state("viber");
        Map<String, String> variables = new HashMap<>();
        variables.put("viber.state", state.toString());
        viber.putInto(variables);
        if (!local) {
            dial(state, variables);
        }
        daemon.run("viber", state, List.of(state), variables, state.resolve("viber.json"));
        return 0;
    }

    private void dial(Path state, Map<String, String> variables) {
        String named = Discovery.ours(state).named(server);
        String token = System.getenv().getOrDefault("VIBER_TOKEN", "");
        Login login = Login.read(state);
        if (named == null && login == null) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "which gateway? Log in once with 'viber login --server URL', give --server URL,"
                            + " or dial none with --local");
        }
        boolean asLoggedIn =
                login != null && (named == null || Discovery.url(named).equals(Discovery.url(login.server())));
        Path ca = connection.ca();
        boolean plain = connection.mayBePlain();
        String trusted = ca == null ? "" : ca.toString();
        if (login != null && asLoggedIn) {
            variables.computeIfPresent("id", (key, id) -> id.isEmpty() ? login.viberId() : id);
            variables.computeIfPresent("name", (key, name) -> name.isEmpty() ? login.name() : name);
            if (token.isEmpty()) {
                variables.put("token.file", Login.tokenFile(state).toString());
            }
            trusted = trusted.isEmpty() && login.ca() != null ? login.ca() : trusted;
            plain |= login.insecurePlainText();
        }
        URI address = Discovery.url(named == null && login != null ? login.server() : String.valueOf(named));
        if (!plain) {
            connection.requirePrivate(address);
        }
        variables.put("server", address.toString());
        variables.put("token", token);
        variables.put("tls.ca", trusted);
        variables.put("insecure.plain.text", Boolean.toString(plain));
    }
}
