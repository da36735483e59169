package dev.viber.cli;

import dev.viber.api.plugin.PluginSignature;
import dev.viber.launcher.OwnerOnly;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Whose plugins a viber lets in: a file for each publisher in {@code <viber state>/trust}, named after the key's id. */
final class TrustFolder {
    private TrustFolder() {}

    /** The folder of the viber whose state this is; {@code viber up} keeps its viber's in {@code viber/} below its own. */
    static Path of(Discovery discovery) {
        Path state = discovery.viberState();
        for (Path up : List.of(state.resolve("viber"), discovery.serverState().resolve("viber"))) {
            if (!Files.exists(state.resolve("viber.db")) && Files.exists(up.resolve("viber.db"))) {
                return up.resolve("trust");
            }
        }
        return state.resolve("trust");
    }

    static List<String> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(PluginSignature.KEY_PATTERN))
                    .sorted()
                    .toList();
        }
    }

    /** False where it was trusted before. */
    static boolean add(Path folder, String keyId) throws IOException {
        try {
            OwnerOnly.makeFolder(folder);
            Files.createFile(folder.resolve(keyId));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** False where it was not trusted before. */
    static boolean remove(Path folder, String keyId) throws IOException {
        return Files.deleteIfExists(folder.resolve(keyId));
    }
}
