package dev.viber.supervisor;

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

/** The calls of Linux that Java has no words for: descriptors of processes, and waiting on many of them. */
@SuppressWarnings("restricted") // the server is started with --enable-native-access
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1),
            Linker.Option.captureCallState("errno"));

    // The same numbers on every architecture.
    private static final long PIDFD_SEND_SIGNAL = 424;
    private static final long PIDFD_OPEN = 434;
    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
    private static final long CLOSE = X86 ? 3 : 57;
    private static final long WRITE = X86 ? 1 : 64;
    private static final long EVENTFD2 = X86 ? 290 : 19;
    private static final long EPOLL_CREATE1 = X86 ? 291 : 20;
    private static final long EPOLL_CTL = X86 ? 233 : 21;
    private static final long EPOLL_PWAIT = X86 ? 281 : 22;
    private static final int CLOEXEC = 0x80000;
    private static final int EPOLLIN = 1;
    private static final int EPOLL_CTL_ADD = 1;
    /** Linux packs {@code struct epoll_event} on x86 alone. */
    private static final long EVENT_BYTES = X86 ? 12 : 16;

    private static final long EVENT_DATA = X86 ? 4 : 8;
    private static final int ESRCH = 3;
    private static final int EINTR = 4;

    private Native() {}

    /** A descriptor of this process, which stays its own when the pid has become another's; -1 where it is gone. */
    static int openProcess(long pid) throws IOException {
        long fd = call("pidfd_open", PIDFD_OPEN, pid, 0, 0, 0);
        return (int) fd;
    }

    /** Sends a signal; does nothing where the process is gone. */
    static void signal(int process, int signal) throws IOException {
        call("pidfd_send_signal", PIDFD_SEND_SIGNAL, process, signal, 0, 0);
    }

    static int eventDescriptor() throws IOException {
        return (int) call("eventfd", EVENTFD2, 0, CLOEXEC, 0, 0);
    }

    static int createEpoll() throws IOException {
        return (int) call("epoll_create1", EPOLL_CREATE1, CLOEXEC, 0, 0, 0);
    }

    /** Has the epoll tell once this descriptor can be read, by this mark. */
    static void watch(int epoll, int descriptor, long mark) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, 8);
            event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, EVENT_DATA, mark);
            call("epoll_ctl", EPOLL_CTL, epoll, EPOLL_CTL_ADD, descriptor, event.address());
        }
    }

    /** Waits without end for one watched descriptor; returns its mark. Holds its thread, which so has to be a platform's. */
    static long await(int epoll) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, 8);
            while (call("epoll_pwait", EPOLL_PWAIT, epoll, event.address(), 1, -1) != 1) {
                // interrupted by a signal that was for somebody else
            }
            return event.get(ValueLayout.JAVA_LONG_UNALIGNED, EVENT_DATA);
        }
    }

    static void wake(int eventDescriptor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(ValueLayout.JAVA_LONG);
            one.set(ValueLayout.JAVA_LONG, 0, 1);
            call("write", WRITE, eventDescriptor, one.address(), 8, 0);
        }
    }

    static void close(int descriptor) throws IOException {
        call("close", CLOSE, descriptor, 0, 0, 0);
    }

    /** -1 where there is no such process, 0 where a wait was interrupted; other errors are thrown. */
    private static long call(String name, long number, long a, long b, long c, long d) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = (long) SYSCALL.invokeExact(
                    state, number, a, b, c, d, 0L); // epoll_pwait alone takes a fifth, its mask: none
            if (result >= 0) {
                return result;
            }
            int errno = (int) ERRNO.get(state, 0L);
            if (errno == ESRCH) {
                return -1;
            }
            if (errno == EINTR) {
                return 0;
            }
            throw new IOException("%s failed with error %d".formatted(name, errno));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(name, e);
        }
    }
}
