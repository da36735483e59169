package dev.viber.itest.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Makes other versions of bundles. */
final class Jars {
    private Jars() {}

    /**
     * A copy under another version.
     *
     * @param changed entries with other content, by name
     */
    static Path copy(Path jar, Path folder, String version, Map<String, byte[]> changed) throws IOException {
        Files.createDirectories(folder);
        Path copy = folder.resolve(version + "-" + jar.getFileName());
        try (JarFile from = new JarFile(jar.toFile())) {
            Manifest manifest = new Manifest(from.getManifest());
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(copy), manifest);
                    Stream<JarEntry> entries = from.stream()) {
                entries.filter(entry -> !entry.getName().equals(JarFile.MANIFEST_NAME))
                        .forEach(entry -> {
                            try {
                                to.putNextEntry(new JarEntry(entry.getName()));
                                byte[] other = changed.get(entry.getName());
                                to.write(
                                        other != null
                                                ? other
                                                : from.getInputStream(entry).readAllBytes());
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
            }
        }
        return copy;
    }

    /** The jar of a bundle of ours in the distribution. */
    static Path ofDistribution(String symbolicName) throws IOException {
        Path home = Path.of(System.getProperty("viber.home", "../../distribution/target/viber"));
        Path folder = home.resolve("bundles/dev/viber").resolve(symbolicName);
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no jar in " + folder));
        }
    }
}
