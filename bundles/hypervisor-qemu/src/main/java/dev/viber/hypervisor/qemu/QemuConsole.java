package dev.viber.hypervisor.qemu;

import dev.viber.api.vm.Console;
import dev.viber.api.vm.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The pipe that is typed into the console of a machine. A pipe, for QEMU prints to a connection as well: one that is not
 * read at once, byte by byte, it takes for a failed one, and writes the byte into the file a second time; and what it has
 * not read of a connection that closes is lost.
 */
@SuppressWarnings("restricted") // the server is started with --enable-native-access
final class QemuConsole implements Console {
    private static final String NAME = "console";
    private static final MethodHandle MKFIFO = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("mkfifo"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.captureCallState("errno"));
    private static final int OWNER_ONLY = 0600;

    private final FileChannel pipe;
    private final CompletableFuture<End> end = new CompletableFuture<>();

    private QemuConsole(FileChannel pipe) {
        this.pipe = pipe;
    }

    /** What QEMU calls it: it opens {@code console.in}, and prints to {@code console.out}, which leads nowhere. */
    static Path path(Machine machine) {
        return machine.folder().resolve(NAME);
    }

    private static Path in(Machine machine) {
        return machine.folder().resolve(NAME + ".in");
    }

    private static Path out(Machine machine) {
        return machine.folder().resolve(NAME + ".out");
    }

    /** Makes the pipe anew: what was typed at a machine that ended is not for the next. */
    static void prepare(Machine machine) throws IOException {
        Files.deleteIfExists(in(machine));
        Files.deleteIfExists(out(machine));
        makeFifo(in(machine));
        Files.createSymbolicLink(out(machine), Path.of("/dev/null"));
    }

    static boolean isThere(Machine machine) {
        return Files.exists(in(machine));
    }

    static QemuConsole open(Machine machine) throws IOException {
        // To read as well, though nobody does: a pipe that only QEMU reads would wait here for one that just ended.
        return new QemuConsole(FileChannel.open(in(machine), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void type(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            pipe.write(bytes);
        }
    }

    @Override
    public End awaitEnd() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // it is only ever completed
        }
    }

    @Override
    public void close() {
        end(End.LEFT);
    }

    /** Ends it, for the first reason given. */
    void end(End why) {
        end.complete(why);
        try {
            pipe.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void makeFifo(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            if ((int) MKFIFO.invokeExact(state, arena.allocateFrom(path.toString()), OWNER_ONLY) != 0) {
                int errno = (int) Linker.Option.captureStateLayout()
                        .varHandle(MemoryLayout.PathElement.groupElement("errno"))
                        .get(state, 0L);
                throw new IOException("mkfifo %s: errno %d".formatted(path, errno));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // a method handle declares everything
        }
    }
}
