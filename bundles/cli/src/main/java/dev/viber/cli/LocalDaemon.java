package dev.viber.cli;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A connection to the process behind a local socket: JSON lines there and back. */
final class LocalDaemon implements AutoCloseable {
    private final Path file;
    private final SocketChannel channel;
    private final BufferedReader in;
    private final Writer out;

    private LocalDaemon(Path file, SocketChannel channel) {
        this.file = file;
        this.channel = channel;
        in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        out = Channels.newWriter(channel, StandardCharsets.UTF_8);
    }

    /** A connection to whoever answers on the socket; empty where nobody does. */
    static Optional<LocalDaemon> at(Path socket) {
        if (!Files.exists(socket)) {
            return Optional.empty();
        }
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            boolean connected = false;
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                connected = true;
            } finally {
                if (!connected) {
                    channel.close();
                }
            }
            return Optional.of(new LocalDaemon(socket, channel));
        } catch (IOException e) {
            return Optional.empty(); // left behind by a process that is gone
        }
    }

    /** What is done on a connection to a viber. */
    interface Visit {
        int call(LocalDaemon daemon) throws Exception;
    }

    /** A visit to the viber that owns the state folder: the one that runs, else one in this process for as long as it takes. */
    static int withViber(ServerOptions server, Visit visit) throws Exception {
        for (Path socket : server.discovery().sockets()) {
            Optional<LocalDaemon> found = at(socket);
            if (found.isPresent()) {
                try (LocalDaemon daemon = found.get()) {
                    if (daemon.call(Map.of("call", "status"), _ -> {}).containsKey("tasks")) {
                        return visit.call(daemon);
                    }
                }
            }
        }
        try (Alone alone = new Alone(server.discovery().viberState(), Path.of(""));
                LocalDaemon daemon = alone.daemon()) {
            return visit.call(daemon);
        }
    }

    /** The socket's file. */
    Path file() {
        return file;
    }

    /**
     * Calls, and hands over every line but the last.
     *
     * @return the last line, which has {@code done}
     * @throws ProblemException where it was refused
     */
    Map<String, Object> call(Map<String, ?> request, Consumer<Map<String, Object>> lines) {
        try {
            out.write(Json.write(request) + "\n");
            out.flush();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Map<String, Object> answer = Json.object(line);
                if (answer.containsKey("done")) {
                    return answer;
                }
                if (answer.containsKey("error") && !answer.containsKey("kind")) {
                    throw problem(answer);
                }
                lines.accept(answer);
            }
            throw new CommandFailure(Exit.NO_SERVER, "the process behind " + file + " ended before it answered");
        } catch (IOException e) {
            throw new CommandFailure(
                    Exit.NO_SERVER, "the process behind " + file + " is gone: " + Output.text(e.getMessage()));
        }
    }

    private static ProblemException problem(Map<String, Object> answer) {
        Map<String, Object> more = new LinkedHashMap<>(answer);
        String error = String.valueOf(more.remove("error"));
        Object type = more.remove("type");
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.type().equals(type))
                .findFirst()
                .orElse(Kind.UNAVAILABLE);
        return new ProblemException(kind, error, more);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new CommandFailure(Exit.FAILED, file + " cannot be closed: " + e.getMessage());
        }
    }
}
