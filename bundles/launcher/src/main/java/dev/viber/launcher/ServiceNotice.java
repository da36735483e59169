package dev.viber.launcher;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells systemd how the service is: one datagram to the socket that {@code NOTIFY_SOCKET} names, as sd_notify(3) says. */
final class ServiceNotice {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotice.class);
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int PATH_MAX = 108;

    private ServiceNotice() {}

    /** Sends the state, such as {@code READY=1}; does nothing where nobody listens. */
    static void send(Map<String, String> environment, String state) {
        String socket = environment.get("NOTIFY_SOCKET");
        if (socket == null || socket.isEmpty() || !System.getProperty("os.name").equals("Linux")) {
            return;
        }
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        if (path.length >= PATH_MAX) {
            LOG.warn("NOTIFY_SOCKET is longer than {} bytes: {}", PATH_MAX - 1, socket);
            return;
        }
        if (path[0] == '@') {
            path[0] = 0; // the abstract namespace
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(2 + PATH_MAX);
            address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
            byte[] text = state.getBytes(StandardCharsets.UTF_8);
            MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
            int descriptor = (int) function(
                            "socket",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT))
                    .invokeExact((int) AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
            long sent = descriptor < 0
                    ? -1
                    : (long) function(
                                    "sendto",
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.ADDRESS,
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.ADDRESS,
                                            ValueLayout.JAVA_INT))
                            .invokeExact(descriptor, message, (long) text.length, 0, address, 2 + path.length);
            if (descriptor >= 0) {
                int closed = (int) function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                        .invokeExact(descriptor);
                LOG.debug("close answered {}", closed);
            }
            if (sent != text.length) {
                LOG.warn("systemd was not told {}: nobody listens at {}", state, socket);
            }
        } catch (Throwable e) { // a method handle may throw anything; being told of is no reason to fail
            LOG.warn("systemd was not told {}", state, e);
        }
    }

    @SuppressWarnings("restricted") // daemons run with --enable-native-access
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
}
