package dev.viber.supervisor;

import dev.viber.api.store.Tables.SnapshotRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether the files of snapshots are what was written. Memory is large and reading all of it takes seconds: it is read at
 * the first restore in a server's life, and again only when the files are others by size, time or inode.
 */
final class SoundFiles {
    private record Looked(String identity, CompletableFuture<String> fault) {}

    private final Map<Long, Looked> looked = new ConcurrentHashMap<>();

    /** They have just been written, and read for their digests. */
    void written(SnapshotRow row, Path folder) throws IOException {
        looked.put(row.id(), new Looked(identity(row, folder), CompletableFuture.completedFuture("")));
    }

    /**
     * What is wrong with them; empty for nothing.
     *
     * @throws IOException where they could not be read: that tells nothing of them, and is tried again by who asks next
     */
    String fault(SnapshotRow row, Path folder) throws IOException {
        String identity = identity(row, folder);
        Looked found = looked.compute(
                row.id(),
                (id, before) -> before != null && before.identity().equals(identity)
                        ? before
                        : new Looked(identity, look(row, folder)));
        try {
            return found.fault().join();
        } catch (CompletionException e) {
            looked.remove(row.id(), found);
            throw new IOException("its files cannot be read: " + e.getCause(), e);
        }
    }

    /** On a thread of its own: whoever waits and is interrupted does not spoil it for the others. */
    private static CompletableFuture<String> look(SnapshotRow row, Path folder) {
        CompletableFuture<String> fault = new CompletableFuture<>();
        Thread.ofVirtual().name("snapshot-check-" + row.name()).start(() -> {
            try {
                fault.complete(SnapshotFiles.fault(folder, SnapshotBook.digests(row)));
            } catch (IOException | RuntimeException | Error e) {
                fault.completeExceptionally(e); // somebody waits, whatever it is
            }
        });
        return fault;
    }

    private static String identity(SnapshotRow row, Path folder) throws IOException {
        return SnapshotFiles.identity(folder, SnapshotBook.digests(row).keySet());
    }

    void forget(SnapshotRow row) {
        looked.remove(row.id());
    }
}
