package dev.viber.itest.process;

import dev.viber.itest.process.Trace.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A database and its write-ahead log as a disk holds them when the power goes: of each file the writes that had returned
 * before a finished sync was entered are there, of the later ones none, or any.
 */
final class PowerCut {
    private static final class Disk {
        private final List<Call> unsynced = new ArrayList<>();
        private byte[] content = new byte[0];

        void synced(Call sync) {
            for (Call call : unsynced) {
                if (call.end() < sync.begin()) {
                    content = apply(content, call);
                }
            }
            unsynced.removeIf(call -> call.end() < sync.begin());
        }

        byte[] with(List<Call> survivors) {
            byte[] image = content.clone();
            for (Call call : survivors) {
                image = apply(image, call);
            }
            return image;
        }

        private static byte[] apply(byte[] content, Call call) {
            if (call.name().equals("ftruncate")) {
                return Arrays.copyOf(content, Math.toIntExact(call.offset()));
            }
            int end = Math.toIntExact(call.offset() + call.data().length);
            byte[] out = content.length < end ? Arrays.copyOf(content, end) : content;
            System.arraycopy(call.data(), 0, out, Math.toIntExact(call.offset()), call.data().length);
            return out;
        }
    }

    private final Path database;
    private final List<Call> calls;
    private final Disk data = new Disk();
    private final Disk log = new Disk();
    private int next;

    /**
     * Nothing is on the disk yet.
     *
     * @param calls all that was done to the two files from their birth on
     */
    PowerCut(Path database, List<Call> calls) {
        this.database = database;
        this.calls = calls.stream().filter(call -> disk(call) != null).toList();
    }

    private Disk disk(Call call) {
        if (call.target().equals(database.toString())) {
            return data;
        }
        return call.target().equals(database + "-wal") ? log : null;
    }

    /** Lets time pass up to where the trace logged this line; time goes forward only. */
    void advanceTo(int line) {
        for (; next < calls.size() && calls.get(next).end() < line; next++) {
            Call call = calls.get(next);
            Disk disk = disk(call);
            if (call.isSync()) {
                disk.synced(call);
            } else {
                disk.unsynced.add(call);
            }
        }
    }

    /** Lays down what is left where all that was not synced is lost. */
    Path cut(Path folder) throws IOException {
        return layDown(folder, List.of(), List.of());
    }

    /** Lays down what is left where each write that was not synced may or may not have reached the disk. */
    Path tear(Path folder, RandomGenerator random) throws IOException {
        return layDown(folder, some(data.unsynced, random), some(log.unsynced, random));
    }

    private static List<Call> some(List<Call> calls, RandomGenerator random) {
        return calls.stream().filter(call -> random.nextBoolean()).toList();
    }

    private Path layDown(Path folder, List<Call> ofData, List<Call> ofLog) throws IOException {
        Files.createDirectories(folder);
        Path copy = folder.resolve("state.db");
        Files.deleteIfExists(folder.resolve("state.db-shm"));
        Files.write(copy, data.with(ofData));
        Files.write(folder.resolve("state.db-wal"), log.with(ofLog));
        return copy;
    }
}
