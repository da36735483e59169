package dev.viber.vm.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that grows, read to its end and on, byte by byte, until it is closed. */
final class Tail implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;

    private final Path file;
    private final Growths.Wait growth;

    /** Takes in what is read. */
    interface Sink {
        /** These came; the buffer is used again afterwards. */
        void bytes(ByteBuffer bytes) throws IOException;

        /** Nothing came for a while. */
        void idle() throws IOException;
    }

    /** Of a file in a folder that is there; it may not be there itself yet. */
    Tail(Path file, Growths growths) throws IOException {
        this.file = file;
        growth = growths.of(file);
    }

    /**
     * Reads until {@link #close}.
     *
     * @param history how many bytes before its present end to begin
     * @param patience seconds without a byte after which {@link Sink#idle} is told
     */
    void read(long history, long patience, Sink sink) throws IOException, InterruptedException {
        long place = Files.exists(file) ? Math.max(0, Files.size(file) - history) : 0;
        while (!growth.isClosed()) {
            place = readOn(place, sink);
            if (!growth.await(patience)) {
                sink.idle();
            }
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
        growth.close();
    }
}
