package dev.viber.tool.file;

import dev.viber.tool.file.Kernel.Refused;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;

/** A file by its descriptor; used by one thread. */
final class LinuxFile implements OpenFile {
    private static final int CHUNK = 64 << 10;

    private final int file;
    private final String shown;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment chunk = arena.allocate(CHUNK);
    private boolean closed;

    private LinuxFile(int file, String shown) {
        this.file = file;
        this.shown = shown;
    }

    /** Takes over the descriptor if it is a regular file's, else closes it and says what it is. */
    static LinuxFile regular(int file, String shown) throws IOException {
        boolean handedOver = false;
        try {
            FileFacts facts = LinuxTree.factsOf(file, "");
            if (facts.kind() != FileFacts.Kind.FILE) {
                boolean folder = facts.kind() == FileFacts.Kind.DIRECTORY;
                throw new FileSystemException(shown, null, folder ? LinuxTree.IS_FOLDER : LinuxTree.NOT_REGULAR);
            }
            handedOver = true;
            return new LinuxFile(file, shown);
        } catch (Refused e) {
            throw LinuxTree.failure(e, shown);
        } finally {
            if (!handedOver) {
                Kernel.close(file);
            }
        }
    }

    @Override
    public FileFacts facts() throws IOException {
        try {
            return LinuxTree.factsOf(file, "");
        } catch (Refused e) {
            throw LinuxTree.failure(e, shown);
        }
    }

    @Override
    public int read(byte[] into, int offset, int length, long position) throws IOException {
        try {
            int count = Kernel.read(file, chunk, length, position);
            MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, into, offset, count);
            return count;
        } catch (Refused e) {
            throw LinuxTree.failure(e, shown);
        }
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = Math.min(CHUNK, length - done);
            MemorySegment.copy(from, offset + done, chunk, ValueLayout.JAVA_BYTE, 0, count);
            try {
                done += Kernel.write(file, chunk, count);
            } catch (Refused e) {
                throw LinuxTree.failure(e, shown);
            }
        }
    }

    @Override
    public void permit(int mode) throws IOException {
        if (mode >= 0) {
            try {
                Kernel.permit(file, mode);
            } catch (Refused e) {
                throw LinuxTree.failure(e, shown);
            }
        }
    }

    @Override
    public void sync() throws IOException {
        try {
            Kernel.sync(file);
        } catch (Refused e) {
            throw LinuxTree.failure(e, shown);
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            arena.close();
            Kernel.close(file);
        }
    }
}
