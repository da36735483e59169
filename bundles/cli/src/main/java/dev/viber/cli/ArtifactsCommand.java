package dev.viber.cli;

import dev.viber.api.task.Artifact;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber task artifacts}: what a task made, listed or fetched. */
@Command(
        name = "artifacts",
        description = "List what a task made, or fetch one of it; its digest is checked.",
        mixinStandardHelpOptions = true)
final class ArtifactsCommand implements Callable<Integer> {
    @Mixin
    ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "ID", description = "The task.")
    String id = "";

    @Option(names = "--get", paramLabel = "NAME", description = "Fetch this one.")
    @Nullable
    String name;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to put it (default: NAME in this folder); - for stdout.")
    @Nullable
    Path file;

    /** Writes an artifact's bytes. */
    private interface Source {
        void to(Artifact artifact, OutputStream out) throws IOException;
    }

    @Override
    public Integer call() throws Exception {
        if (file != null && name == null) {
            throw new CommandFailure(Exit.USAGE, "-o goes with one artifact: say --get NAME");
        }
        if (id.startsWith(Following.LOCAL)) {
            return LocalDaemon.withViber(server, daemon -> local(daemon));
        }
        try (ViberClient client = server.client()) {
            List<Artifact> all = Pages.read(1_000, Map.of(), query -> client.artifacts(id, query));
            return show(all, (artifact, out) -> client.download(id, artifact, out));
        }
    }

    private int local(LocalDaemon daemon) throws IOException {
        Map<String, Object> answer = daemon.call(Map.of("call", "artifacts", "taskId", id), _ -> {});
        List<Artifact> all = new ArrayList<>();
        Map<String, Path> places = new java.util.HashMap<>();
        if (answer.get("items") instanceof List<?> items) {
            for (Object item : items) {
                if (item instanceof Map<?, ?> row && row.get("bytes") instanceof Number bytes) {
                    Artifact artifact = new Artifact(
                            String.valueOf(row.get("name")),
                            String.valueOf(row.get("type")),
                            bytes.longValue(),
                            String.valueOf(row.get("sha256")),
                            Instant.parse(String.valueOf(row.get("createdAt"))));
                    all.add(artifact);
                    places.put(artifact.name(), Path.of(String.valueOf(row.get("location"))));
                }
            }
        }
        return show(all, (artifact, out) -> copy(artifact, places.get(artifact.name()), out));
    }

    private static void copy(Artifact artifact, @Nullable Path from, OutputStream out) throws IOException {
        if (from == null || !Files.isRegularFile(from)) {
            throw new CommandFailure(Exit.FAILED, "the bytes of " + artifact.name() + " are no longer there");
        }
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(from), digest)) {
            in.transferTo(out);
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(artifact.sha256())) {
            throw new CommandFailure(Exit.FAILED, from + " is not what the task made: its digest differs");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private int show(List<Artifact> all, Source source) throws IOException {
        Output output = server.output();
        if (name == null) {
            output.table(
                    all,
                    List.of("NAME", "TYPE", "BYTES", "SHA256"),
                    all.stream()
                            .map(each -> List.of(each.name(), each.type(), Long.toString(each.bytes()), each.sha256()))
                            .toList(),
                    "no artifacts");
            return Exit.DONE;
        }
        Artifact wanted = all.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        Exit.FAILED,
                        "task %s has no artifact '%s'; it has %s"
                                .formatted(
                                        id,
                                        name,
                                        all.isEmpty()
                                                ? "none"
                                                : String.join(
                                                        ", ",
                                                        all.stream()
                                                                .map(Artifact::name)
                                                                .toList()))));
        if (file != null && file.toString().equals("-")) {
            source.to(wanted, System.out);
            System.out.flush();
            return Exit.DONE;
        }
        save(wanted, source, output);
        return Exit.DONE;
    }

    private void save(Artifact wanted, Source source, Output output) throws IOException {
        Path target = (file == null ? Path.of(wanted.name()) : file).toAbsolutePath();
        if (file == null && Files.exists(target)) {
            throw new CommandFailure(Exit.FAILED, target + " exists already; say where to put it with -o FILE");
        }
        Path folder = target.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new CommandFailure(Exit.FAILED, "there is no folder " + folder);
        }
        // Whole and checked, or not there.
        Path part = Files.createTempFile(folder, ".", ".part");
        try {
            try (Progress progress = Progress.ofBytes(output, wanted.name(), wanted.bytes());
                    OutputStream out = progress.counting(Files.newOutputStream(part))) {
                source.to(wanted, out);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        output.show(
                Map.of(
                        "name",
                        wanted.name(),
                        "bytes",
                        wanted.bytes(),
                        "sha256",
                        wanted.sha256(),
                        "file",
                        target.toString()),
                "%s: %d bytes, sha256 %s".formatted(target, wanted.bytes(), wanted.sha256()));
    }
}
