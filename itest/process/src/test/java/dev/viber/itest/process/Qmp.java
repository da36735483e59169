package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks a QEMU that nobody else talks to. */
final class Qmp {
    private Qmp() {}

    /** Whether its processors run: {@code running}, {@code paused}, ... */
    static String status(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            in.readLine(); // its greeting
            channel.write(ByteBuffer.wrap("{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-status\"}"
                    .getBytes(StandardCharsets.US_ASCII)));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String status =
                        Rest.JSON.readTree(line).path("return").path("status").asString("");
                if (!status.isEmpty()) {
                    return status;
                }
            }
            throw new IOException("no answer at " + socket);
        }
    }
}
