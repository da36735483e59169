package dev.viber.gateway;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Bytes on the disk: whole ones under their digest, {@code sha256/ab/ab12...}, and those on their way under their task,
 * {@code partial/<task>/...}. What is whole was synced before it got its name.
 */
final class Blobs {
    private static final int CHUNK = 64 * 1024;

    private final Path root;
    private final Set<Path> receiving = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> pinned = new HashMap<>();

    Blobs(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Bytes on their way; a task's id and a digest are safe as names of files, an artifact's name is hashed. */
    private Path partial(String taskId, String name, String sha256) {
        String hash = HexFormat.of().formatHex(sha256().digest(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return root.resolve("partial").resolve(taskId).resolve(sha256.substring(0, 32) + "-" + hash.substring(0, 16));
    }

    private Path place(String sha256) {
        return root.resolve("sha256").resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    /** How many bytes of this are here, on their way. */
    long offset(String taskId, String name, String sha256) throws IOException {
        Path file = partial(taskId, name, sha256);
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** How much the disk still takes, in bytes. */
    long free() throws IOException {
        Files.createDirectories(root);
        return Files.getFileStore(root).getUsableSpace();
    }

    /** What is done while bytes that are whole are kept from being swept. */
    interface Whole<T> {
        T done() throws IOException;
    }

    /**
     * Takes bytes in from an offset to the end; where they are whole and those of the digest they are put in their place,
     * durably, and then this is done, before which nothing sweeps them away.
     */
    <T> T receive(String taskId, String name, String sha256, long total, long from, InputStream in, Whole<T> whole)
            throws IOException {
        Path file = partial(taskId, name, sha256);
        if (!receiving.add(file)) {
            throw new ProblemException(Kind.TOO_MANY, "An upload of the artifact '%s' is under way".formatted(name));
        }
        try {
            take(file, name, sha256, total, from, in);
            pin(sha256);
            try {
                settle(file, sha256);
                return whole.done();
            } finally {
                unpin(sha256);
            }
        } finally {
            receiving.remove(file);
        }
    }

    private static void take(Path file, String name, String sha256, long total, long from, InputStream in)
            throws IOException {
        Files.createDirectories(file.getParent());
        MessageDigest digest = sha256();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            if (size != from) {
                throw wrongOffset(
                        "The bytes of '%s' begin at %d; wanted those from %d on".formatted(name, from, size), size);
            }
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
            while (channel.read(buffer) >= 0) {
                digest.update(buffer.flip());
                buffer.clear();
            }
            long at = from;
            for (int n = in.read(buffer.array()); n >= 0; n = in.read(buffer.array())) {
                if (at + n > total) {
                    throw new ProblemException(
                            Kind.MALFORMED, "More bytes of '%s' came than the %d announced".formatted(name, total));
                }
                digest.update(buffer.array(), 0, n);
                ByteBuffer piece = ByteBuffer.wrap(buffer.array(), 0, n);
                while (piece.hasRemaining()) {
                    at += channel.write(piece, at);
                }
            }
            if (at < total) {
                throw wrongOffset("Of %d bytes of '%s' %d came; go on there".formatted(total, name, at), at);
            }
            channel.force(true);
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
            Files.delete(file);
            if (from > 0) { // what was here from before may be what is wrong
                throw wrongOffset(
                        "The bytes of '%s' are not those of its digest; send all of them again".formatted(name), 0);
            }
            throw new ProblemException(
                    Kind.INVALID, "The bytes of '%s' are not those of its digest, sha256 %s".formatted(name, sha256));
        }
    }

    private static ProblemException wrongOffset(String detail, long offset) {
        return new ProblemException(Kind.CONFLICT, detail, Map.of("offset", offset));
    }

    private void settle(Path file, String sha256) throws IOException {
        Path all = root.resolve("sha256");
        Path folder = all.resolve(sha256.substring(0, 2));
        Path place = folder.resolve(sha256);
        boolean fresh = !Files.isDirectory(folder);
        Files.createDirectories(folder);
        Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(folder);
        if (fresh) {
            sync(all);
            sync(root);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void pin(String sha256) {
        lock.lock();
        try {
            pinned.merge(sha256, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    private void unpin(String sha256) {
        lock.lock();
        try {
            pinned.computeIfPresent(sha256, (key, count) -> count == 1 ? null : count - 1);
        } finally {
            lock.unlock();
        }
    }

    /** Opens whole bytes. */
    FileChannel open(String sha256) throws IOException {
        return FileChannel.open(place(sha256), StandardOpenOption.READ);
    }

    /**
     * Removes what nobody needs any more; tells how many files.
     *
     * @param isNamed whether an artifact has this digest
     * @param isHeld whether a viber may still send artifacts of this task
     */
    int sweep(Predicate<String> isNamed, Predicate<String> isHeld) throws IOException {
        int gone = 0;
        for (Path folder : list(root.resolve("sha256"))) {
            for (Path blob : list(folder)) {
                gone += removeUnless(blob, isNamed) ? 1 : 0;
            }
        }
        for (Path folder : list(root.resolve("partial"))) {
            if (isHeld.test(folder.getFileName().toString())) {
                continue;
            }
            for (Path file : list(folder)) {
                if (!receiving.contains(file)) {
                    Files.deleteIfExists(file);
                    gone++;
                }
            }
            if (list(folder).isEmpty()) {
                Files.deleteIfExists(folder);
            }
        }
        return gone;
    }

    // Under the lock: an upload that pins the digest later finds the file gone or puts it there anew.
    private boolean removeUnless(Path blob, Predicate<String> isNamed) throws IOException {
        String sha256 = blob.getFileName().toString();
        lock.lock();
        try {
            return !pinned.containsKey(sha256) && !isNamed.test(sha256) && Files.deleteIfExists(blob);
        } finally {
            lock.unlock();
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return new ArrayList<>(entries.toList());
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
