package dev.viber.hypervisor.qemu;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The memory of a guest, as its process holds it: a file without a name. */
final class GuestMemory {
    private static final String NAME = "/memfd:memory-backend-memfd";
    private static final int CHUNK = 4 << 20;
    private static final int BLOCK = 64 << 10;
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[BLOCK]);

    private GuestMemory() {}

    /** Where it can be opened while the process lives; null where its memory is no such file, as a clone's is not. */
    static @Nullable Path find(long pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path each : descriptors.toList()) {
                if (Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().startsWith(NAME)) {
                    return each;
                }
            }
        }
        return null;
    }

    /** Copies it; what was never used takes no room. */
    static void copy(Path memory, Path copy) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK);
        MemorySegment segment = MemorySegment.ofBuffer(bytes);
        try (FileChannel in = FileChannel.open(memory, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = in.size();
            for (long at = 0; at < size; ) {
                int count = in.read(bytes.clear(), at);
                if (count <= 0) {
                    throw new IOException("the guest's memory ends at %d of %d bytes".formatted(at, size));
                }
                for (int from = 0; from < count; ) {
                    int end = from;
                    while (end < count && !isNothing(segment, end, count)) {
                        end += BLOCK;
                    }
                    end = Math.min(end, count);
                    if (end > from) {
                        write(out, bytes.limit(end).position(from), at + from);
                        bytes.limit(count);
                    }
                    from = Math.max(end, from + BLOCK);
                }
                at += count;
            }
            if (out.size() < size) {
                write(out, ByteBuffer.allocate(1), size - 1); // as long as the memory, to its last byte
            }
        }
    }

    private static boolean isNothing(MemorySegment segment, long from, int count) {
        long length = Math.min(BLOCK, count - from);
        return MemorySegment.mismatch(segment, from, from + length, NOTHING, 0, length) < 0;
    }

    private static void write(FileChannel out, ByteBuffer bytes, long at) throws IOException {
        for (long to = at; bytes.hasRemaining(); ) {
            to += out.write(bytes, to);
        }
    }
}
