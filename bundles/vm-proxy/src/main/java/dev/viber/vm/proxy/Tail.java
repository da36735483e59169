package dev.viber.vm.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;

/** A file that grows, read to its end and on, byte by byte, until it is closed. */
final class Tail implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;

    private final Path file;
    private final WatchService watch;

    /** Takes in what is read. */
    interface Sink {
        /** These came; the buffer is used again afterwards. */
        void bytes(ByteBuffer bytes) throws IOException;

        /** Nothing came for a while. */
        void idle() throws IOException;
    }

    /** Of a file in a folder that is there; it may not be there itself yet. */
    Tail(Path file) throws IOException {
        this.file = file.toAbsolutePath();
        watch = file.getFileSystem().newWatchService();
        Path folder = this.file.getParent();
        if (folder != null) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        }
    }

    /**
     * Reads until {@link #close}.
     *
     * @param history how many bytes before its present end to begin
     * @param patience seconds without a byte after which {@link Sink#idle} is told
     */
    void read(long history, long patience, Sink sink) throws IOException, InterruptedException {
        long place = Files.exists(file) ? Math.max(0, Files.size(file) - history) : 0;
        try {
            while (true) {
                place = readOn(place, sink);
                WatchKey key = watch.poll(patience, TimeUnit.SECONDS);
                if (key == null) {
                    sink.idle();
                } else {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (ClosedWatchServiceException e) {
            // Enough was read.
        }
    }

    private long readOn(long from, Sink sink) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            long place = channel.size() < from ? 0 : from; // it was begun anew
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            for (int count = channel.read(chunk.clear(), place);
                    count > 0;
                    count = channel.read(chunk.clear(), place)) {
                place += count;
                sink.bytes(chunk.flip());
            }
            return place;
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
