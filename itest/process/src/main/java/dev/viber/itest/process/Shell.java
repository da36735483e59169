package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The OSGi shell of a process, by its unix socket: what {@code viber shell} does, without a process for each line. */
final class Shell {
    private static final Pattern ROW = Pattern.compile("\\s*(\\d+)\\|(\\w+)\\s*\\|\\s*\\d+\\|(\\S+).*");

    /** A bundle as {@code lb -s} lists it. */
    record Listed(int id, String state, String symbolicName, String row) {}

    private final Path socket;

    /** The process whose state folder this is. */
    Shell(Path state) {
        socket = state.resolve("run").resolve("viber.sock");
    }

    Path socket() {
        return socket;
    }

    /** Does what the line says; what it printed. */
    List<String> run(String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8);
            out.write(Rest.JSON.writeValueAsString(Map.of("call", "shell", "line", line)) + "\n");
            out.flush();
            BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            List<String> printed = new ArrayList<>();
            for (String said = in.readLine(); said != null; said = in.readLine()) {
                JsonNode answer = Rest.JSON.readTree(said);
                if (answer.path("done").asBoolean(false)) {
                    return printed;
                }
                if (answer.has("error")) {
                    throw new IOException("'%s' answered %s after %s".formatted(line, answer, printed));
                }
                printed.add(answer.path("out").asString());
            }
            throw new IOException("no end of the answer to '" + line + "': " + printed);
        }
    }

    /** Every bundle there is. */
    List<Listed> list() throws IOException {
        List<Listed> all = new ArrayList<>();
        for (String line : run("lb -s")) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                all.add(new Listed(Integer.parseInt(row.group(1)), row.group(2), row.group(3), line));
            }
        }
        if (all.isEmpty()) {
            throw new IOException("lb lists nothing");
        }
        return all;
    }

    /** The one bundle of this symbolic name. */
    Listed bundle(String symbolicName) throws IOException {
        return list().stream()
                .filter(each -> each.symbolicName().equals(symbolicName))
                .findFirst()
                .orElseThrow(() -> new IOException("there is no bundle " + symbolicName));
    }

    /** Installs and starts a jar; the bundle's id. */
    int install(Path jar) throws IOException {
        run("install " + jar.toUri());
        int id = list().getLast().id();
        run("start " + id);
        return id;
    }
}
