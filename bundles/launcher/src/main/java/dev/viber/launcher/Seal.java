package dev.viber.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lays the jars that feature files name into a distribution and writes their digests into its features.
 *
 * <p>Called by the build: {@code Seal FEATURES REPOSITORY LIB DISTRIBUTION}. A jar that a feature names and the repository
 * has not got, or one that it has and neither a feature nor the class path of the programs uses, fails the build. It also
 * names the whole by a {@code digest}, by which caches made for it are told from others.
 */
public final class Seal {
    private static final int DIGEST_LENGTH = 16;

    private final Path repository;
    private final Path distribution;
    private final Map<String, Path> brought = new HashMap<>();
    private final Set<String> named = new HashSet<>();
    private final List<String> faults = new ArrayList<>();

    private Seal(Path repository, Path distribution) {
        this.repository = repository;
        this.distribution = distribution;
    }

    /** Exit code 1 with one line for each fault where features and jars do not fit. */
    public static void main(String[] args) throws IOException, LaunchException {
        if (args.length != 4) {
            System.err.println("usage: Seal FEATURES REPOSITORY LIB DISTRIBUTION");
            System.exit(2);
        }
        List<String> faults = new Seal(Path.of(args[1]), Path.of(args[3])).seal(Path.of(args[0]), Path.of(args[2]));
        faults.forEach(fault -> System.err.println("[ERROR] " + fault));
        if (!faults.isEmpty()) {
            System.exit(1);
        }
        for (Path jar : jars(Path.of(args[2]))) {
            OldClasses.lift(jar);
        }
        Files.writeString(Path.of(args[3], "digest"), digest(Path.of(args[3])) + "\n");
    }

    /** One short word for scripts, programs and features; the features hold the digests of the bundles. */
    private static String digest(Path distribution) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("bin", "lib", "features")) {
            try (Stream<Path> all = Files.walk(distribution.resolve(folder))) {
                all.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        StringBuilder lines = new StringBuilder();
        for (Path file : files.stream().sorted().toList()) {
            lines.append(Launcher.digest(file))
                    .append(' ')
                    .append(distribution.relativize(file))
                    .append('\n');
        }
        Path list = Files.createTempFile("viber", ".digests");
        try {
            Files.writeString(list, lines);
            String digest = Launcher.digest(list);
            return digest.substring(digest.indexOf(':') + 1).substring(0, DIGEST_LENGTH);
        } finally {
            Files.delete(list);
        }
    }

    /** Of the given folders; for tests. */
    static List<String> seal(Path features, Path repository, Path lib, Path distribution)
            throws IOException, LaunchException {
        return new Seal(repository, distribution).seal(features, lib);
    }

    private List<String> seal(Path features, Path lib) throws IOException, LaunchException {
        for (Path jar : jars(repository)) {
            brought.put(jar.getFileName().toString(), jar);
        }
        Files.createDirectories(distribution.resolve("features"));
        try (Stream<Path> files = Files.list(features)) {
            for (Path feature : files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                seal(feature);
            }
        }
        Set<String> unused = new TreeSet<>(brought.keySet());
        unused.removeAll(named);
        for (Path jar : jars(lib)) {
            unused.remove(jar.getFileName().toString());
        }
        unused.forEach(jar -> faults.add(
                jar + " is brought by distribution/pom.xml, but no feature names it; name it or exclude it"));
        return faults;
    }

    private void seal(Path file) throws IOException, LaunchException {
        Feature.read(file);
        ObjectNode root = (ObjectNode) Feature.parse(file);
        for (JsonNode bundle : root.path("bundles")) {
            Coordinates id = Coordinates.parse(bundle.path("id").asString());
            Path from = repository.resolve(id.path());
            named.add(id.path().getFileName().toString());
            if (!Files.isRegularFile(from)) {
                faults.add(file.getFileName() + " names " + id + ", which distribution/pom.xml does not bring"
                        + otherVersion(id));
                continue;
            }
            Path to = distribution.resolve("bundles").resolve(id.path());
            Files.createDirectories(to.getParent());
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
            ((ObjectNode) bundle).put("hash", Launcher.digest(to));
        }
        Files.write(
                distribution.resolve("features").resolve(file.getFileName()),
                Feature.JSON
                        .rebuild()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsBytes(root));
    }

    private String otherVersion(Coordinates id) {
        return brought.keySet().stream()
                .filter(jar -> jar.startsWith(id.artifact() + "-"))
                .findFirst()
                .map(jar -> " (it brings " + jar + ")")
                .orElse("");
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }
}
