package dev.viber.api.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits, without looking again and again, for a file that another process is about to make. */
public final class FileArrival {
    private FileArrival() {}

    /**
     * Returns as soon as the file is there.
     *
     * @param file in a folder that is there
     * @return false when it was not within {@code patience}
     * @throws IOException when the folder cannot be watched
     */
    public static boolean await(Path file, Duration patience) throws IOException, InterruptedException {
        // Most often it is there; and a system gives out few watchers.
        if (Files.exists(file)) {
            return true;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("'%s' is in no folder".formatted(file));
        }
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            long end = System.nanoTime() + patience.toNanos();
            while (!Files.exists(file)) {
                WatchKey key = watch.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    return Files.exists(file);
                }
                key.pollEvents();
                if (!key.reset()) {
                    throw new IOException("the folder %s is gone".formatted(folder));
                }
            }
            return true;
        }
    }
}
