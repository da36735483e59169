package dev.viber.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The file that says where a running process is reached: there while it serves, gone after a clean stop. */
public final class ReadyFile implements AutoCloseable {
    private final Path file;
    private boolean closed;

    /** At the given place, such as {@code <state>/server.json}; nothing is written yet. */
    public ReadyFile(Path file) {
        this.file = file;
    }

    /** Writes the facts as one JSON object, whole or not at all, mode 0600; after {@link #close} it writes no more. */
    public synchronized void write(Map<String, ?> facts) throws IOException {
        if (closed) {
            return;
        }
        OwnerOnly.write(file, Feature.JSON.writeValueAsBytes(facts));
    }

    /** Takes the file away; it may be gone already. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        Files.deleteIfExists(file);
    }
}
