package dev.viber.itest.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The few words of QMP by which a machine is kept and made again, spoken by nobody's code but the benchmark's. */
final class RawQmp implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader in;

    /** Takes an open connection, past QEMU's greeting. */
    RawQmp(SocketChannel channel) throws IOException {
        this.channel = channel;
        in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        in.readLine();
        execute("qmp_capabilities", Map.of());
    }

    /** The answer; events before it are passed over. */
    JsonNode execute(String command, Map<String, ?> arguments) throws IOException {
        byte[] line = Server.JSON.writeValueAsBytes(Map.of("execute", command, "arguments", arguments));
        channel.write(ByteBuffer.wrap(line));
        for (JsonNode said = next(); ; said = next()) {
            if (said.has("error")) {
                throw new IOException(
                        command + ": " + said.path("error").path("desc").asString(""));
            }
            if (said.has("return")) {
                return said.path("return");
            }
        }
    }

    /** Memory that lies in a file of its own stays there. */
    void leaveMemoryOut() throws IOException {
        execute(
                "migrate-set-capabilities",
                Map.of(
                        "capabilities",
                        List.of(
                                Map.of("capability", "events", "state", true),
                                Map.of("capability", "x-ignore-shared", "state", true))));
    }

    /** Waits for the event that a migration is over. */
    void migrated() throws IOException {
        for (JsonNode said = next(); ; said = next()) {
            String status = said.path("data").path("status").asString("");
            if (said.path("event").asString("").equals("MIGRATION") && status.equals("completed")) {
                return;
            }
            if (status.equals("failed")) {
                throw new IOException("QEMU could not migrate");
            }
        }
    }

    private JsonNode next() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("QEMU ended");
        }
        return Server.JSON.readTree(line);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
