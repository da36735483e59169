package dev.viber.itest.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One guest of {@link RawQemu}: its tap, its process, and the control channel, on which it hears what the product would tell it. */
final class RawGuest implements AutoCloseable {
    private static final int CHUNK = 1 << 20;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final List<String> line;
    private final RawQemu.Nic nic;
    private final Path folder;
    private final String element;
    private Process qemu;
    private SocketChannel control;
    private final ByteBuffer heard = ByteBuffer.allocate(64 * 1024);

    /** In a folder that is there; its tap is made. */
    RawGuest(List<String> line, RawQemu.Nic nic, Path folder) throws IOException, InterruptedException {
        this.line = line;
        this.nic = nic;
        this.folder = folder;
        element = "viperbr0 guests { %s . %s . %s }".formatted(nic.tap(), nic.mac(), nic.address());
        must("ip", "tuntap", "add", "dev", nic.tap(), "mode", "tap");
        must("ip", "link", "set", "dev", nic.tap(), "master", "viperbr0", "up");
        must("nft", "add element bridge " + element);
    }

    long pid() {
        return qemu.pid();
    }

    /** Starts it, and tells a guest that boots what it is for; what it says with {@code ready}. */
    Map<String, String> boot() throws IOException, InterruptedException {
        start();
        say("hello\nstart token=of-the-benchmark");
        return await(said -> said.startsWith("ready "));
    }

    /** Starts it and makes it what a snapshot is, under an identity of its own, until it says {@code ready} with it. */
    Map<String, String> restore(Path state) throws IOException, InterruptedException {
        start();
        try (RawQmp qmp = qmp()) {
            qmp.leaveMemoryOut();
            Path socket = folder.resolve("state.sock");
            qmp.execute("migrate-incoming", Map.of("uri", "unix:" + socket));
            try (SocketChannel sink = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                    FileChannel in = FileChannel.open(state, StandardOpenOption.READ)) {
                for (long at = 0; at < in.size(); ) {
                    at += in.transferTo(at, CHUNK, sink);
                }
                sink.shutdownOutput();
                qmp.migrated();
            }
            Instant now = Instant.now();
            say(
                    "identity address=%s/24 gateway=%s mac=%s hostname=%s dns=%2$s machine-id=%s entropy=%s token=%s time=%d.%09d"
                            .formatted(
                                    nic.address(),
                                    nic.gateway(),
                                    nic.mac(),
                                    nic.tap(),
                                    random(16),
                                    random(64),
                                    random(16),
                                    now.getEpochSecond(),
                                    now.getNano()));
            qmp.execute("cont", Map.of());
            // What it says before it has taken its identity, it says as another.
            await(said -> said.startsWith("ok ") && said.contains("for=identity"));
            return await(said -> said.startsWith("ready "));
        }
    }

    /** Keeps what it is now in two files, as the product does: it stands still, its devices are sent, its memory is copied. */
    void snapshot(Path state, Path memory) throws IOException, InterruptedException {
        say("prepare");
        await(said -> said.startsWith("ok ") && said.contains("for=prepare"));
        Path socket = folder.resolve("keep.sock");
        Files.deleteIfExists(socket);
        try (RawQmp qmp = qmp();
                ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            qmp.execute("stop", Map.of());
            qmp.leaveMemoryOut();
            qmp.execute("migrate", Map.of("uri", "unix:" + socket));
            try (SocketChannel sent = listener.accept();
                    FileChannel out = FileChannel.open(
                            state,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                long at = 0;
                for (long more = 1; more > 0; at += more) {
                    more = out.transferFrom(sent, at, CHUNK);
                }
                out.force(true);
            }
            qmp.migrated();
            must("cp", "--sparse=always", memory().toString(), memory.toString());
            must("sync", memory.toString());
            qmp.execute("cont", Map.of());
        }
    }

    private Path memory() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            for (Path each : descriptors.toList()) {
                if (Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().startsWith("/memfd:memory")) {
                    return each;
                }
            }
        }
        throw new IOException("process %d has no memory of its own to copy".formatted(pid()));
    }

    private void start() throws IOException, InterruptedException {
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            qemu = new ProcessBuilder(line)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("qemu.log").toFile())
                    .start();
            Path socket = folder.resolve("control.sock");
            while (!Files.exists(socket) && qemu.isAlive()) {
                WatchKey key = watch.poll(1, TimeUnit.SECONDS);
                if (key != null) {
                    key.reset();
                }
            }
            control = connect(socket);
        }
    }

    private RawQmp qmp() throws IOException {
        return new RawQmp(connect(folder.resolve("qmp.sock")));
    }

    /** The file is there before QEMU listens: a moment in which it refuses. */
    private SocketChannel connect(Path socket) throws IOException {
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
        throw new IOException("QEMU ended at once: " + Files.readString(folder.resolve("qemu.log")));
    }

    private void say(String words) throws IOException {
        control.write(ByteBuffer.wrap(("\n" + words + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    /** The pairs of the first line that is meant; lines before it are passed over. */
    private Map<String, String> await(Predicate<String> meant) throws IOException {
        while (true) {
            heard.flip();
            String text = StandardCharsets.US_ASCII.decode(heard.duplicate()).toString();
            int begin = 0;
            for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
                String said = text.substring(begin, end);
                begin = end + 1;
                if (said.startsWith("error ")) {
                    throw new IOException("the guest: " + said);
                }
                if (meant.test(said)) {
                    heard.position(begin).compact();
                    return pairs(said);
                }
            }
            heard.position(begin).compact();
            if (control.read(heard) < 0) {
                throw new IOException("the guest ended; the last it said was " + text);
            }
        }
    }

    private static Map<String, String> pairs(String said) {
        Map<String, String> pairs = new HashMap<>();
        Scanner words = new Scanner(said);
        words.next();
        words.tokens()
                .map(word -> word.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> pairs.put(pair[0], pair[1]));
        return pairs;
    }

    private static String random(int bytes) {
        byte[] drawn = new byte[bytes];
        RANDOM.nextBytes(drawn);
        return HexFormat.of().formatHex(drawn);
    }

    private static void must(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    @Override
    public void close() throws IOException {
        if (control != null) {
            control.close();
        }
        try {
            if (qemu != null) {
                qemu.destroyForcibly().waitFor();
            }
            must("nft", "delete element bridge " + element);
            must("ip", "link", "del", nic.tap());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
