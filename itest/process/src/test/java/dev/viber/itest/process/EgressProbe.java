package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code src/test/egress/probe.c} at work, in a guest or beside it: told what to send, asked what it saw. */
final class EgressProbe implements AutoCloseable {
    private static final int PORT = 7000;
    private static final int PATIENCE_MS = 60_000;

    private final BufferedReader in;
    private final OutputStream out;
    private final AutoCloseable end;

    private EgressProbe(InputStream in, OutputStream out, AutoCloseable end) {
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
        this.out = out;
        this.end = end;
    }

    /** The one in the guest of this address, once it has booted. */
    static EgressProbe in(String address) throws IOException, InterruptedException {
        for (int tries = 0; ; tries++) {
            try {
                Socket socket = new Socket();
                socket.connect(new InetSocketAddress(address, PORT), PATIENCE_MS);
                socket.setSoTimeout(PATIENCE_MS);
                return new EgressProbe(socket.getInputStream(), socket.getOutputStream(), socket);
            } catch (IOException e) {
                if (tries == 1000) {
                    throw e;
                }
                Thread.sleep(200);
            }
        }
    }

    /** A process that becomes one; it has said this line when it may be told things. */
    static EgressProbe of(Process process, String line) throws IOException {
        EgressProbe probe =
                new EgressProbe(process.getInputStream(), process.getOutputStream(), process::destroyForcibly);
        probe.says(line);
        return probe;
    }

    void says(String line) throws IOException {
        String said = in.readLine();
        if (!line.equals(said)) {
            throw new IOException("the probe said '%s', not '%s'".formatted(said, line));
        }
    }

    void tell(String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private String ask(String line) throws IOException {
        tell(line);
        String answer = in.readLine();
        if (answer == null) {
            throw new IOException("the probe is gone");
        }
        return answer;
    }

    void send(List<byte[]> frames) throws IOException {
        for (byte[] frame : frames) {
            String said = ask("frame " + HexFormat.of().formatHex(frame));
            if (!said.equals("ok")) {
                throw new IOException("a frame of %d bytes: %s".formatted(frame.length, said));
            }
        }
    }

    /** Sends without asking how that went, told in one piece: the first may cut the way to the probe off. */
    void tell(List<byte[]> frames) throws IOException {
        tell(frames.stream()
                .map(frame -> "frame " + HexFormat.of().formatHex(frame))
                .collect(Collectors.joining("\n")));
    }

    /** {@code ok}, or why it could not be connected to. */
    String connect(String address, int port) throws IOException {
        return ask("tcp " + address + " " + port);
    }

    byte[] askByUdp(String address, int port, byte[] question) throws IOException {
        return HexFormat.of()
                .parseHex(ask(
                        "udp %s %d %s".formatted(address, port, HexFormat.of().formatHex(question))));
    }

    /** The marks of all it has seen so far. */
    Set<String> seen() throws IOException {
        return Set.of(ask("seen").split(" ", -1));
    }

    @Override
    public void close() throws IOException {
        try {
            end.close();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
