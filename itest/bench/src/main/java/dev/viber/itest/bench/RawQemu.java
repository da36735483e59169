package dev.viber.itest.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;

/**
 * A guest without the product: the command line that the product has used for one, and the few words its first process
 * wants to hear.
 */
final class RawQemu {
    /** What a guest said of itself when it was ready, and when, in nanoseconds, QEMU was asked for and {@code ready} heard; {@code cpu} in milliseconds. */
    record Boot(long pid, long begin, long ready, Map<String, String> said, Path serial, double cpu) {}

    private final List<String> line;
    private final Path theirs;
    private final Path theirSerial;
    private final String tap;
    private final String mac;
    private final String address;

    private RawQemu(List<String> line, String address) {
        this.line = line;
        this.address = address;
        theirs = Path.of(value(line, "path=", "qmp.sock")).getParent();
        theirSerial = serial(line);
        tap = value(line, "ifname=", "");
        mac = value(line, "mac=", "");
    }

    /** The line of a process that runs. */
    static RawQemu of(long pid, String address) throws IOException {
        return new RawQemu(line(pid), address);
    }

    /** The words a process was started with. */
    static List<String> line(long pid) throws IOException {
        return List.of(Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                        .split("\0", -1))
                .stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The file of a machine's console. */
    static Path serial(List<String> line) {
        return Path.of(value(line, "path=", ".serial.log"));
    }

    private static String value(List<String> line, String name, String end) {
        return line.stream()
                .flatMap(word -> List.of(word.split(",", -1)).stream())
                .filter(part -> part.startsWith(name) && part.endsWith(end))
                .map(part -> part.substring(name.length()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no %s in %s".formatted(name, line)));
    }

    /** Boots it in this folder, which must be new, until it says {@code ready}; then ends it. Its tap is made before the clock starts. */
    Boot boot(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path serial = folder.resolve("serial.log");
        List<String> own = new ArrayList<>();
        for (String word : line) {
            own.add(word.replace(theirSerial.toString(), serial.toString())
                    .replace(theirs.toString(), folder.toString()));
        }
        String guest = "viperbr0 guests { %s . %s . %s }".formatted(tap, mac, address);
        must("ip", "tuntap", "add", "dev", tap, "mode", "tap");
        must("ip", "link", "set", "dev", tap, "master", "viperbr0", "up");
        must("nft", "add element bridge " + guest);
        Process qemu = null;
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            ProcessBuilder builder = new ProcessBuilder(own)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("qemu.log").toFile());
            long begin = System.nanoTime();
            qemu = builder.start();
            Path socket = folder.resolve("control.sock");
            while (!Files.exists(socket) && qemu.isAlive()) {
                WatchKey key = watch.poll(1, TimeUnit.SECONDS);
                if (key != null) {
                    key.reset();
                }
            }
            try (SocketChannel control = connect(socket, qemu)) {
                Map<String, String> said = talk(control);
                long ready = System.nanoTime();
                double cpu = Proc.cpuSeconds(qemu.pid()) * 1000;
                return new Boot(qemu.pid(), begin, ready, said, serial, cpu);
            }
        } finally {
            if (qemu != null) {
                qemu.destroyForcibly().waitFor();
            }
            must("nft", "delete element bridge " + guest);
            must("ip", "link", "del", tap);
        }
    }

    /** The file is there before QEMU listens: a moment in which it refuses. */
    private static SocketChannel connect(Path socket, Process qemu) throws IOException {
        while (qemu.isAlive()) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (java.net.ConnectException e) {
                channel.close();
                Thread.onSpinWait();
            }
        }
        throw new IOException("QEMU ended at once: " + Files.readString(socket.resolveSibling("qemu.log")));
    }

    private static Map<String, String> talk(SocketChannel control) throws IOException {
        OutputStream out = Channels.newOutputStream(control);
        out.write("\nhello\nstart token=of-the-benchmark\n".getBytes(StandardCharsets.US_ASCII));
        ByteBuffer in = ByteBuffer.allocate(16 * 1024);
        while (control.read(in) >= 0) {
            String text = new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII);
            for (String said : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
                if (said.startsWith("ready ")) {
                    return pairs(said);
                }
            }
        }
        throw new IOException("the guest ended before it was ready; it said "
                + new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII));
    }

    private static Map<String, String> pairs(String said) {
        Map<String, String> pairs = new HashMap<>();
        Scanner words = new Scanner(said);
        words.next();
        words.tokens().forEach(word -> pairs.put(word.split("=", 2)[0], word.split("=", 2)[1]));
        return pairs;
    }

    private static void must(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }
}
