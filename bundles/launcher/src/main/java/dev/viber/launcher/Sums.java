package dev.viber.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes SHA-256 sums as {@code sha256sum -c} reads them; called by the build with folders and files.
 *
 * <p>Of a folder the sums of all in it, as {@code SHA256SUMS} inside; of a file its own, as {@code FILE.sha256} beside it.
 */
public final class Sums {
    private static final String INSIDE = "SHA256SUMS";

    private Sums() {}

    /** Fails where one of them is not there. */
    public static void main(String[] args) throws IOException {
        for (String each : args) {
            Path path = Path.of(each);
            if (Files.isDirectory(path)) {
                Files.writeString(path.resolve(INSIDE), ofAllIn(path));
            } else {
                Files.writeString(
                        path.resolveSibling(path.getFileName() + ".sha256"),
                        line(path, path.getFileName().toString()));
            }
        }
    }

    private static String ofAllIn(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.equals(folder.resolve(INSIDE)))
                    .sorted()
                    .toList();
        }
        StringBuilder out = new StringBuilder();
        for (Path file : files) {
            out.append(line(file, folder.relativize(file).toString().replace('\\', '/')));
        }
        return out.toString();
    }

    private static String line(Path file, String name) throws IOException {
        String digest = Launcher.digest(file);
        return digest.substring(digest.indexOf(':') + 1) + "  " + name + "\n";
    }
}
