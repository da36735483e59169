package dev.viber.tool.search;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The few Linux system calls a search makes, by number, through the C library's {@code syscall}; one per thread, with
 * the memory its calls need allocated once.
 *
 * <p>All answer what the kernel answered, or the negative {@code errno}: a file that is gone or may not be read is
 * daily business here and is worth no exception.
 */
final class Kernel implements AutoCloseable {
    static final int ENOENT = 2;
    static final int EXDEV = 18;
    static final int PATH_MAX = 4096;

    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int ENAMETOOLONG = 36;

    private static final long CLOSE_ON_EXEC = 0x80000;
    private static final long NO_TERMINAL = 0x100;
    private static final long NO_WAIT = 0x800;
    private static final long BENEATH = 0x08 | 0x02; // and no magic links

    private enum Call {
        OPENAT(257, 56),
        OPENAT2(437, 437),
        CLOSE(3, 57),
        READ(0, 63),
        GETDENTS(217, 61),
        SETPRIORITY(141, 140);

        private final long number;

        Call(long x86, long arm) {
            number = X86 ? x86 : arm;
        }
    }

    private static final String ARCH = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    private static final boolean X86 = ARCH.equals("amd64") || ARCH.equals("x86_64");
    private static final boolean KNOWN = System.getProperty("os.name", "").equals("Linux")
            && (X86 || ARCH.equals("aarch64"))
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
    private static final long FOLDER_ONLY = X86 ? 0x10000 : 0x4000;
    private static final long NO_LINK = X86 ? 0x20000 : 0x8000;

    /** Linked on first use, so that other systems never ask for it. */
    private static final class Libc {
        static final StructLayout STATE = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        static final MethodHandle SYSCALL = link();

        @SuppressWarnings("restricted") // native access is granted to this program by its launcher
        private static MethodHandle link() {
            Linker linker = Linker.nativeLinker();
            ValueLayout.OfLong number = ValueLayout.JAVA_LONG;
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(number, number, number, number, number, number),
                    Linker.Option.firstVariadicArg(1),
                    Linker.Option.captureCallState("errno"));
        }
    }

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment state = arena.allocate(Libc.STATE);
    private final MemorySegment name = arena.allocate(PATH_MAX);
    private final MemorySegment how = arena.allocate(24, 8);

    /** Why this machine cannot be asked like this, or null where it can. */
    static @Nullable String unusable() {
        if (!KNOWN) {
            return "this is not Linux on x86_64 or aarch64";
        }
        try (Kernel kernel = new Kernel()) {
            int root = kernel.openRoot("/".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            int self = root < 0 ? root : kernel.openBeneath(root, new byte[] {'.'}, true);
            kernel.close(root);
            if (self < 0) {
                return "openat2 is not to be had here (errno %d)".formatted(-self);
            }
            kernel.close(self);
            return null;
        } catch (LinkageError | RuntimeException e) {
            return "native calls are not to be had here (%s)".formatted(e);
        }
    }

    /** Memory that lives as long as this. */
    MemorySegment memory(long bytes) {
        return arena.allocate(bytes, 8);
    }

    /** Opens the folder at a trusted absolute path. */
    int openRoot(byte[] path) {
        return openat2(-100, path, FOLDER_ONLY, 0);
    }

    /** Opens a path that must stay beneath the folder, links included. */
    int openBeneath(int folder, byte[] path, boolean asFolder) {
        return openat2(folder, path, asFolder ? FOLDER_ONLY : NO_WAIT | NO_TERMINAL, BENEATH);
    }

    /** Opens a single name in the folder; a link is refused, a pipe is not waited for. */
    int open(int folder, byte[] single, boolean asFolder) {
        long at = text(single);
        long flags = CLOSE_ON_EXEC | NO_LINK | NO_TERMINAL | (asFolder ? FOLDER_ONLY : NO_WAIT);
        return at == 0 ? -ENAMETOOLONG : (int) call(Call.OPENAT, folder, at, flags, 0);
    }

    int read(int file, MemorySegment into, long length) {
        return (int) call(Call.READ, file, into.address(), length, 0);
    }

    /** Fills the memory with the folder's next entries; 0 at the end. */
    int entries(int folder, MemorySegment into) {
        return (int) call(Call.GETDENTS, folder, into.address(), into.byteSize(), 0);
    }

    void close(int file) {
        if (file >= 0) {
            call(Call.CLOSE, file, 0, 0, 0);
        }
    }

    /** Lets this thread stand back behind others; the kernel's niceness is by thread. */
    void standBack(int niceness) {
        call(Call.SETPRIORITY, 0, 0, niceness, 0);
    }

    @Override
    public void close() {
        arena.close();
    }

    private int openat2(int at, byte[] path, long flags, long resolve) {
        long text = text(path);
        if (text == 0) {
            return -ENAMETOOLONG;
        }
        how.set(ValueLayout.JAVA_LONG, 0, flags | CLOSE_ON_EXEC);
        how.set(ValueLayout.JAVA_LONG, 16, resolve);
        // EAGAIN: a folder on the way was renamed meanwhile and the kernel could not be sure; that passes.
        for (int attempt = 0; ; attempt++) {
            long file = call(Call.OPENAT2, at, text, how.address(), how.byteSize());
            if (file != -EAGAIN || attempt == 100) {
                return (int) file;
            }
            Thread.onSpinWait();
        }
    }

    private long text(byte[] bytes) {
        if (bytes.length >= PATH_MAX) {
            return 0;
        }
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        name.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
        return name.address();
    }

    private long call(Call call, long a, long b, long c, long d) {
        while (true) {
            long result;
            try {
                result = (long) Libc.SYSCALL.invokeExact(state, call.number, a, b, c, d);
            } catch (RuntimeException | Error thrown) {
                throw thrown;
            } catch (Throwable impossible) {
                throw new AssertionError("a native call throws nothing checked", impossible);
            }
            if (result != -1) {
                return result;
            }
            int errno = (int) Libc.ERRNO.get(state, 0L);
            if (errno != EINTR || call == Call.CLOSE) {
                return -errno;
            }
        }
    }
}
