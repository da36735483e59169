package dev.viber.tool.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The Linux system calls this bundle needs, by number, through the C library's {@code syscall}.
 *
 * <p>By number, as numbers are the kernel's stable promise while the wrappers differ between C libraries. Flags and
 * structures are those shared by x86_64 and aarch64, where they differ {@link #FOLDER_ONLY} and {@link #NO_LINK} know.
 */
final class Kernel {
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EINVAL = 22;
    static final int EXDEV = 18;

    static final int NO_WAIT = 0x800;
    static final int WRITE_ONLY = 1;
    static final int CREATE = 0x40;
    static final int EXCLUSIVE = 0x80;
    static final int APPEND = 0x400;
    static final int PATH_ONLY = 0x200000;
    static final int FOLDER_ONLY;
    static final int NO_LINK;

    static final int AT_REMOVE_FOLDER = 0x200;
    static final int RENAME_KEEP = 1;
    static final int STATX_SIZE = 256;

    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NO_TERMINAL = 0x100;
    private static final int AT_NO_LINK = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC = 0x7ff;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_BENEATH = 0x08;

    private enum Call {
        OPENAT2(437, 437),
        CLOSE(3, 57),
        PREAD(17, 67),
        WRITE(1, 64),
        FSYNC(74, 82),
        FCHMOD(91, 52),
        STATX(332, 291),
        GETDENTS(217, 61),
        MKDIRAT(258, 34),
        UNLINKAT(263, 35),
        RENAMEAT2(316, 276),
        READLINKAT(267, 78),
        SYMLINKAT(266, 36);

        private final long x86;
        private final long arm;

        Call(long x86, long arm) {
            this.x86 = x86;
            this.arm = arm;
        }

        long number() {
            return X86 ? x86 : arm;
        }
    }

    private static final String ARCH = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    private static final boolean X86 = ARCH.equals("amd64") || ARCH.equals("x86_64");
    private static final boolean KNOWN = System.getProperty("os.name", "").equals("Linux")
            && (X86 || ARCH.equals("aarch64"))
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES;

    static {
        FOLDER_ONLY = X86 ? 0x10000 : 0x4000;
        NO_LINK = X86 ? 0x20000 : 0x8000;
    }

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
                    FunctionDescriptor.of(number, number, number, number, number, number, number),
                    Linker.Option.firstVariadicArg(1),
                    Linker.Option.captureCallState("errno"));
        }
    }

    /** A system call said no. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final int errno;

        Refused(String call, int errno) {
            super("%s: errno %d".formatted(call, errno));
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }

    private Kernel() {}

    /** Why directory handles cannot be used here, or null where they can. */
    static @Nullable String unusable() {
        if (!KNOWN) {
            return "this is not Linux on x86_64 or aarch64";
        }
        try {
            close(open(openRoot("/"), ".", PATH_ONLY, 0, true));
            return null;
        } catch (Refused e) {
            return "openat2 is not to be had here (errno %d)".formatted(e.errno());
        } catch (LinkageError | RuntimeException e) {
            return "native calls are not to be had here (%s)".formatted(e);
        }
    }

    /** Opens the folder at a trusted absolute path. */
    static int openRoot(String path) throws Refused {
        return openat2(-100, path, FOLDER_ONLY, 0, 0);
    }

    /** Opens a path that must stay beneath the folder {@code at}. */
    static int open(int at, String path, int flags, int mode) throws Refused {
        return openat2(at, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    }

    private static int open(int at, String path, int flags, int mode, boolean closeParent) throws Refused {
        try {
            return open(at, path, flags, mode);
        } finally {
            if (closeParent) {
                close(at);
            }
        }
    }

    private static int openat2(int at, String path, int flags, int mode, long resolve) throws Refused {
        int shared = CLOSE_ON_EXEC | ((flags & PATH_ONLY) == 0 ? NO_TERMINAL : 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(24, 8);
            how.set(ValueLayout.JAVA_LONG, 0, Integer.toUnsignedLong(flags | shared));
            how.set(ValueLayout.JAVA_LONG, 8, mode);
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            long name = text(arena, path).address();
            // EAGAIN: a folder on the way was renamed meanwhile and the kernel could not be sure; that passes.
            for (int attempt = 0; ; attempt++) {
                try {
                    return (int) call(arena, Call.OPENAT2, at, name, how.address(), how.byteSize(), 0);
                } catch (Refused e) {
                    if (e.errno() != EAGAIN || attempt == 100) {
                        throw e;
                    }
                    Thread.onSpinWait();
                }
            }
        }
    }

    static void close(int file) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.CLOSE, file, 0, 0, 0, 0);
        } catch (Refused e) {
            if (e.errno() != EINTR) { // Linux has closed it all the same
                throw e;
            }
        }
    }

    /** Facts of the name below the folder, its last link not followed; of the open file itself where it is empty. */
    static void statx(int at, String name, MemorySegment into) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            long flags = name.isEmpty() ? AT_EMPTY_PATH : AT_NO_LINK;
            call(
                    arena,
                    Call.STATX,
                    at,
                    text(arena, name).address(),
                    flags,
                    STATX_BASIC,
                    into.asSlice(0, STATX_SIZE).address());
        }
    }

    static int read(int file, MemorySegment into, long length, long position) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, Call.PREAD, file, into.address(), Math.min(length, into.byteSize()), position, 0);
        }
    }

    static int write(int file, MemorySegment from, long length) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, Call.WRITE, file, from.address(), Math.min(length, from.byteSize()), 0, 0);
        }
    }

    static void sync(int file) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.FSYNC, file, 0, 0, 0, 0);
        }
    }

    static void permit(int file, int mode) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.FCHMOD, file, mode, 0, 0, 0);
        }
    }

    /** Fills the buffer with the folder's next entries; 0 at the end. */
    static int entries(int folder, MemorySegment into) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, Call.GETDENTS, folder, into.address(), into.byteSize(), 0, 0);
        }
    }

    static void makeFolder(int at, String name) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.MKDIRAT, at, text(arena, name).address(), 0x1ff, 0, 0);
        }
    }

    static void unlink(int at, String name, int flags) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.UNLINKAT, at, text(arena, name).address(), flags, 0, 0);
        }
    }

    static void rename(int from, String name, int to, String newName, int flags) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            long old = text(arena, name).address();
            call(arena, Call.RENAMEAT2, from, old, to, text(arena, newName).address(), flags);
        }
    }

    static String readLink(int at, String name) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(4096);
            long length = call(arena, Call.READLINKAT, at, text(arena, name).address(), into.address(), 4096, 0);
            return new String(into.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    static void makeLink(String target, int at, String name) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            long to = text(arena, target).address();
            call(arena, Call.SYMLINKAT, to, at, text(arena, name).address(), 0, 0);
        }
    }

    private static MemorySegment text(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.UTF_8);
    }

    private static long call(Arena arena, Call call, long a, long b, long c, long d, long e) throws Refused {
        MemorySegment state = arena.allocate(Libc.STATE);
        while (true) {
            long result;
            try {
                result = (long) Libc.SYSCALL.invokeExact(state, call.number(), a, b, c, d, e);
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
                throw new Refused(call.name().toLowerCase(Locale.ROOT), errno);
            }
        }
    }
}
