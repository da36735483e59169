package dev.viber.cli;

import dev.viber.client.DeviceLogin;
import dev.viber.client.DeviceLogin.Asked;
import dev.viber.client.DeviceLogin.Granted;
import dev.viber.launcher.Feature;
import dev.viber.launcher.LaunchException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code viber login}: a token for this machine's viber, approved by a person at the gateway's page. */
@Command(
        name = "login",
        description = "Get this machine's viber a token, approved by a person at the gateway's page.",
        mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
    private static final String CLIENT = "viber-cli";
    private static final String TOOL = "dev.viber.tool.";

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--server", paramLabel = "URL", description = "The gateway; else VIBER_SERVER.")
    @Nullable
    String server;

    @Option(names = "--id", paramLabel = "ID", description = "The viber's id; else the one kept, else one made there.")
    @Nullable
    String id;

    @Option(names = "--name", paramLabel = "NAME", description = "The viber's name for people (default: the host's).")
    @Nullable
    String name;

    @Option(names = "--state", paramLabel = "DIR", description = "State folder; else VIBER_STATE, else the user's own.")
    @Nullable
    Path state;

    @Option(names = "--json", description = "One JSON object per line.")
    boolean json;

    @Mixin
    ConnectionOptions connection = new ConnectionOptions();

    @Override
    public Integer call() throws Exception {
        CommandSpec present = Objects.requireNonNull(spec, "set by picocli");
        Output output =
                new Output(present.commandLine().getOut(), present.commandLine().getErr(), json);
        Discovery discovery = Discovery.ours(state);
        String named = discovery.named(server);
        if (named == null) {
            throw new CommandFailure(Exit.USAGE, "which gateway? Give --server URL, or set VIBER_SERVER");
        }
        URI address = Discovery.url(named);
        connection.requirePrivate(address);
        Path folder = discovery.viberState();
        String known = id != null ? id : Login.viberId(folder);
        String shown = name != null ? name : hostName();
        try (DeviceLogin login = new DeviceLogin(address, CLIENT, connection.trust())) {
            Asked asked = login.ask(known, shown, capabilities());
            tell(asked, output);
            Granted granted = login.await(asked);
            Path ca = connection.ca();
            new Login(
                            address.toString(),
                            granted.viberId(),
                            shown,
                            ca == null ? null : ca.toString(),
                            connection.mayBePlain())
                    .write(folder, granted.token());
            Map<String, Object> done = new LinkedHashMap<>();
            done.put("viberId", granted.viberId());
            done.put("server", address.toString());
            done.put("tokenFile", Login.tokenFile(folder).toString());
            output.show(done, "logged in as " + granted.viberId() + "; go on with: viber start");
        }
        return Exit.DONE;
    }

    private static void tell(Asked asked, Output output) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("viberId", asked.viberId());
        shown.put("userCode", asked.userCode());
        shown.put("verificationUri", asked.verificationUri());
        shown.put("verificationUriComplete", asked.verificationUriComplete());
        shown.put("expiresIn", asked.expiresIn().toSeconds());
        output.object(shown);
        output.line("Open    " + asked.verificationUri());
        output.line("and type " + asked.userCode());
        output.line("or open " + asked.verificationUriComplete());
        output.line("Waiting for the approval, " + asked.expiresIn().toMinutes() + " minutes at most.");
    }

    /** The words of the tools that the viber of this distribution has. */
    private static List<String> capabilities() {
        Path file = Path.of(System.getProperty("viber.home", "."), "features", "viber.json");
        try {
            return Feature.read(file).bundles().stream()
                    .map(bundle -> bundle.id().artifact())
                    .filter(name -> name.startsWith(TOOL))
                    .map(name -> name.substring(TOOL.length()))
                    .sorted()
                    .toList();
        } catch (LaunchException e) {
            return List.of(); // they are shown to a person, and checked nowhere
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
