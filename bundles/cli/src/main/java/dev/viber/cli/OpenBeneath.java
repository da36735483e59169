package dev.viber.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Tries Linux's {@code openat2}, by which the file tools stay in their folders: a seccomp filter may refuse it. */
final class OpenBeneath {
    /** On x86_64 and aarch64 alike. */
    private static final long OPENAT2 = 437;

    private static final long CURRENT_FOLDER = -100;
    private static final long PATH_ONLY = 0x200000;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long CLOSE_X86 = 3;
    private static final long CLOSE_ARM = 57;

    private OpenBeneath() {}

    /** The errno it is refused with; null where it works. */
    @SuppressWarnings("restricted") // one call, on a machine that is being looked at
    static @Nullable Integer refusal() {
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfLong number = ValueLayout.JAVA_LONG;
        MemoryLayout state = Linker.Option.captureStateLayout();
        VarHandle errno = state.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        MethodHandle call = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(number, number, number, number, number, number),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(state);
            MemorySegment how = arena.allocate(24, 8);
            how.set(number, 0, PATH_ONLY);
            how.set(number, 16, RESOLVE_NO_MAGICLINKS);
            long path = arena.allocateFrom("/").address();
            long file = (long) call.invokeExact(captured, OPENAT2, CURRENT_FOLDER, path, how.address(), how.byteSize());
            if (file < 0) {
                return (int) errno.get(captured, 0L);
            }
            long close = System.getProperty("os.arch", "").equals("aarch64") ? CLOSE_ARM : CLOSE_X86;
            long closed = (long) call.invokeExact(captured, close, file, 0L, 0L, 0L);
            return closed < 0 ? (int) errno.get(captured, 0L) : null;
        } catch (Throwable e) {
            throw new IllegalStateException("the kernel cannot be called from here", e);
        }
    }
}
