package dev.viber.cli;

import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginSignature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber plugin ...}: keys and signatures of publishers, and the plugins of vibers. */
@Command(
        name = "plugin",
        description = "Sign plugins, trust their publishers; install, update and remove them while the viber works.",
        mixinStandardHelpOptions = true)
final class PluginCommand {
    private static final String SIGNATURE = ".sig";

    @Command(
            name = "key",
            description = "Make a publisher's key pair: FILE (0600) and FILE.pub.",
            mixinStandardHelpOptions = true)
    int key(
            @Mixin ServerOptions server,
            @Parameters(arity = "0..1", paramLabel = "FILE", description = "Where to (default: publisher.key).")
                    @Nullable
                    Path file,
            @Option(names = "--out", paramLabel = "FILE", description = "The same.") @Nullable Path out)
            throws IOException {
        Path to = file != null ? file : out != null ? out : Path.of("publisher.key");
        String keyId = PublisherKey.make(to);
        Output output = server.output();
        output.show(
                Map.of("keyId", keyId, "file", to.toString(), "publicFile", to + ".pub"),
                "key %s in %s; give %s.pub, or the key's id, to those who are to trust it".formatted(keyId, to, to));
        return Exit.DONE;
    }

    @Command(name = "sign", description = "Sign a jar: writes FILE.jar.sig.", mixinStandardHelpOptions = true)
    int sign(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "FILE.jar") Path jar,
            @Option(
                            names = "--key",
                            paramLabel = "FILE",
                            defaultValue = "publisher.key",
                            description = "The publisher's key (default: publisher.key).")
                    Path key)
            throws IOException {
        PluginSignature signature = PublisherKey.sign(jar, key);
        Path file = Path.of(jar + SIGNATURE);
        Files.writeString(file, signature + "\n");
        server.output()
                .show(
                        Map.of("keyId", signature.keyId(), "signature", signature.toString(), "file", file.toString()),
                        "signed by %s; the signature is %s".formatted(signature.keyId(), file));
        return Exit.DONE;
    }

    @Command(
            name = "trust",
            description = {
                "Let a viber of this machine run what a publisher signed; counts at once.",
                "No server can do that from afar: whom a viber trusts is for its own machine to say."
            },
            mixinStandardHelpOptions = true)
    int trust(
            @Mixin ServerOptions server,
            @Parameters(arity = "0..1", paramLabel = "KEY", description = "A key file, or a key's id.") @Nullable
                    String key,
            @Option(names = "--revoke", description = "Trust it no longer; what it signed ends with the next start.")
                    boolean revoke,
            @Option(names = "--list", description = "Show who is trusted.") boolean list)
            throws IOException {
        Path folder = TrustFolder.of(server.discovery());
        Output output = server.output();
        if (list || key == null) {
            List<String> keys = TrustFolder.list(folder);
            output.table(
                    keys.stream().map(each -> Map.of("keyId", each)).toList(),
                    List.of("KEY"),
                    keys.stream().map(List::of).toList(),
                    "nobody is trusted in " + folder);
            return Exit.DONE;
        }
        String keyId = key.matches(PluginSignature.KEY_PATTERN) ? key : PublisherKey.id(Path.of(key));
        boolean changed = revoke ? TrustFolder.remove(folder, keyId) : TrustFolder.add(folder, keyId);
        String now = revoke ? "is trusted no longer" : "is trusted";
        output.show(
                Map.of("keyId", keyId, "trusted", !revoke, "folder", folder.toString()),
                "%s %s in %s%s".formatted(keyId, now, folder, changed ? "" : ", as before"));
        return Exit.DONE;
    }

    @Command(
            name = "install",
            description = "Install a plugin, or its next version; FILE.jar.sig beside it is its signature.",
            mixinStandardHelpOptions = true)
    int install(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "FILE.jar") Path jar,
            @Option(names = "--viber", paramLabel = "ID", description = "On this viber, through the server.") @Nullable
                    String viber,
            @Mixin JarOptions options)
            throws IOException {
        try (PluginCalls calls = PluginCalls.of(server, viber)) {
            return shown(calls.install(existing(jar), options.signature(jar), options.downgrade), server.output());
        }
    }

    @Command(
            name = "update",
            description = "Put another version in the place of a plugin.",
            mixinStandardHelpOptions = true)
    int update(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "ID", description = "As viber plugin list shows it.") String id,
            @Parameters(index = "1", paramLabel = "FILE.jar") Path jar,
            @Mixin JarOptions options)
            throws IOException {
        try (PluginCalls calls = PluginCalls.of(server, null)) {
            return shown(calls.update(id, existing(jar), options.signature(jar), options.downgrade), server.output());
        }
    }

    @Command(
            name = "remove",
            description = "Remove a plugin; calls in flight end first. Where its viber is away, as soon as it is back.",
            mixinStandardHelpOptions = true)
    int remove(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        try (PluginCalls calls = PluginCalls.of(server, null)) {
            boolean gone = calls.remove(id);
            server.output()
                    .show(
                            Map.of("id", id, "removed", gone),
                            gone
                                    ? "plugin " + id + " is removed"
                                    : "plugin " + id + " will be removed: its viber is away, or needs longer");
        }
        return Exit.DONE;
    }

    @Command(name = "list", description = "List plugins.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--viber", paramLabel = "ID", description = "Only of this viber.") @Nullable String viber) {
        try (PluginCalls calls = PluginCalls.of(server, viber)) {
            List<Plugin> found = calls.list();
            server.output()
                    .table(
                            found,
                            List.of("ID", "VERSION", "STATE", "SERVICES", "ERROR"),
                            found.stream()
                                    .map(each -> List.of(
                                            each.id(),
                                            each.version(),
                                            each.state(),
                                            String.join(" ", each.services()),
                                            Output.text(each.error())))
                                    .toList(),
                            "no plugins");
        }
        return Exit.DONE;
    }

    /** How a jar is to be taken. */
    static final class JarOptions {
        @Option(
                names = "--signature",
                paramLabel = "FILE",
                description = "The signature (default: FILE.jar.sig where it is there).")
        @Nullable
        Path signature;

        @Option(names = "--downgrade", description = "An older version may take the place of a newer one.")
        boolean downgrade;

        @Nullable
        String signature(Path jar) throws IOException {
            Path file = signature != null ? signature : Path.of(jar + SIGNATURE);
            if (!Files.exists(file)) {
                if (signature != null) {
                    throw new CommandFailure(Exit.USAGE, "there is no file " + file);
                }
                return null;
            }
            return Files.readString(file).strip();
        }
    }

    private static Path existing(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new CommandFailure(Exit.USAGE, "there is no file " + jar);
        }
        return jar;
    }

    private static int shown(Plugin plugin, Output output) {
        output.show(
                plugin,
                plugin.state().equals("active")
                        ? "plugin %s %s serves: %s"
                                .formatted(plugin.id(), plugin.version(), String.join(" ", plugin.services()))
                        : "plugin %s %s is %s; it is installed as soon as its viber can"
                                .formatted(plugin.id(), plugin.version(), plugin.state()));
        return Exit.DONE;
    }
}
