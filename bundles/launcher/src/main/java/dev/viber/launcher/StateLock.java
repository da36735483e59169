package dev.viber.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One process at a time on a state folder; the operating system gives the lock back however the process ends. */
final class StateLock implements AutoCloseable {
    // Closing any channel on a file drops the process's POSIX lock on it, so a second try must not even open it.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private StateLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Takes the folder, which is made where it is missing.
     *
     * @throws LaunchException where another process has it; the message names its pid
     */
    static StateLock take(Path wanted) throws LaunchException {
        FileChannel channel = null;
        Path folder = wanted;
        boolean ours = false;
        try {
            OwnerOnly.makeFolder(wanted);
            folder = wanted.toRealPath();
            if (!HELD.add(folder)) {
                throw taken(folder, Long.toString(ProcessHandle.current().pid()));
            }
            ours = true;
            channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw taken(folder, holder(folder));
            }
            Files.writeString(folder.resolve("pid"), ProcessHandle.current().pid() + "\n");
            StateLock lock = new StateLock(folder, channel);
            channel = null;
            ours = false;
            return lock;
        } catch (IOException e) {
            throw new LaunchException("state folder " + wanted + " cannot be used: " + e, e);
        } finally {
            if (ours) {
                HELD.remove(folder);
            }
            closeQuietly(channel);
        }
    }

    @Override
    public void close() throws IOException {
        if (HELD.remove(folder)) {
            Files.deleteIfExists(folder.resolve("pid"));
            channel.close();
        }
    }

    private static LaunchException taken(Path folder, String pid) {
        return new LaunchException("state folder " + folder + " is in use by the process " + pid
                + "; stop that one first, or name another folder with --state");
    }

    private static String holder(Path folder) {
        try {
            return Files.readString(folder.resolve("pid")).strip();
        } catch (IOException e) {
            return "(pid unknown: " + e.getMessage() + ")";
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) throws LaunchException {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new LaunchException("the lock file cannot be closed: " + e, e);
            }
        }
    }
}
