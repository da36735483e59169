package dev.viber.cli;

import dev.viber.api.rest.Routes;
import dev.viber.client.UnreachableException;
import dev.viber.client.ViberClient;
import dev.viber.client.VmConsole;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Map;

/** One sitting at the serial console of a VM, with this terminal as its own. */
final class ConsoleSession {
    /** Ctrl-], as of old. */
    static final int ESCAPE = 0x1d;

    private final ServerOptions server;
    private final String name;
    private final boolean readOnly;

    ConsoleSession(ServerOptions server, String name, boolean readOnly) {
        this.server = server;
        this.name = name;
        this.readOnly = readOnly;
    }

    /** Sits there until the escape, or until the console closes; the exit code. */
    int run() throws IOException, InterruptedException {
        try (ViberClient client = server.client()) {
            client.call(Routes.GET_VM, Map.of("name", name), Map.of(), null); // who has none is told so in words
            if (!DaemonOptions.isTerminal()) {
                return sit(client);
            }
            try (RawTerminal _ = RawTerminal.of(readOnly)) {
                return sit(client);
            }
        }
    }

    private int sit(ViberClient client) throws InterruptedException {
        // Bytes, which no character set of this machine's is asked about.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        WritableByteChannel screen = Channels.newChannel(out);
        Output output = server.output();
        try (VmConsole console = client.console(name, !readOnly, bytes -> {
            while (bytes.hasRemaining()) {
                screen.write(bytes);
            }
        })) {
            boolean typing = console.takesInput() && !readOnly;
            output.note("the console of %s%s; Ctrl-] leaves it"
                    .formatted(name, typing ? "" : readOnly ? ", looked at" : ", which takes no input here"));
            Thread.ofVirtual().name("console-input").start(() -> type(System.in, console, typing));
            String why = console.awaitEnd();
            if (why.isEmpty()) {
                return Exit.DONE;
            }
            output.note("the console closed: %s".formatted(why));
            return Exit.FAILED;
        }
    }

    /** Hands on what is typed, up to the escape. An input that ends leaves the console as it is. */
    private static void type(InputStream in, VmConsole console, boolean typing) {
        byte[] chunk = new byte[1024];
        try {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                int escape = escape(chunk, count);
                int length = escape < 0 ? count : escape;
                if (typing && length > 0) {
                    console.type(ByteBuffer.wrap(Arrays.copyOf(chunk, length)));
                }
                if (escape >= 0) {
                    console.close();
                    return;
                }
            }
        } catch (IOException | UnreachableException e) {
            console.close();
        }
    }

    private static int escape(byte[] typed, int count) {
        for (int i = 0; i < count; i++) {
            if (typed[i] == ESCAPE) {
                return i;
            }
        }
        return -1;
    }
}
