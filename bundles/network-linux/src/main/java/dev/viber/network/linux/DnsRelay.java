package dev.viber.network.linux;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guests' name server: passes their questions on as they are, by UDP and TCP, and the answers back. So guests need
 * not reach the servers this host asks, which often are in private networks or on its loopback.
 */
final class DnsRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DnsRelay.class);
    private static final int PORT = 53;
    private static final int MESSAGE = 65_535;
    private static final int AT_ONCE = 512;
    private static final int AT_ONCE_OF_A_GUEST = 64;
    private static final int ANSWER_MS = 5_000;
    private static final Duration STREAM = Duration.ofSeconds(20);
    private static final Duration REST = Duration.ofMillis(500);
    private static final int HEADER = 12;

    private final String address;
    private final List<String> configured;
    private final int port;
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Map<InetAddress, Integer> asking = new ConcurrentHashMap<>();
    private @Nullable DatagramChannel udp;
    private @Nullable ServerSocketChannel tcp;
    private List<Thread> listeners = List.of();

    DnsRelay(String address, List<String> configured) {
        this(address, configured, PORT);
    }

    /** Listens and asks at another port. */
    DnsRelay(String address, List<String> configured, int port) {
        this.address = address;
        this.configured = configured;
        this.port = port;
    }

    /** Listens, from the moment the address is there. */
    synchronized void open() throws IOException {
        if (udp != null) {
            return;
        }
        InetSocketAddress here = new InetSocketAddress(address, port);
        DatagramChannel questions = DatagramChannel.open();
        ServerSocketChannel streams = ServerSocketChannel.open();
        try {
            questions.bind(here);
            streams.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(here);
        } catch (IOException e) {
            questions.close();
            streams.close();
            throw new IOException(
                    "the guests' name server cannot listen on %s:%d: %s".formatted(address, port, e.getMessage()), e);
        }
        udp = questions;
        tcp = streams;
        listeners = List.of(
                Thread.ofVirtual().name("dns-udp").start(() -> takeQuestions(questions)),
                Thread.ofVirtual().name("dns-tcp").start(() -> takeStreams(streams)));
    }

    @Override
    public synchronized void close() {
        for (AutoCloseable channel : new AutoCloseable[] {udp, tcp}) {
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (Exception e) {
                LOG.debug("closing the name server", e);
            }
        }
        udp = null;
        tcp = null;
        try {
            // Only then is the address free for the next one, as at an update of this bundle.
            for (Thread listener : listeners) {
                listener.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeQuestions(DatagramChannel from) {
        ByteBuffer buffer = ByteBuffer.allocate(MESSAGE);
        forever(() -> {
            buffer.clear();
            if (from.receive(buffer) instanceof InetSocketAddress guest) {
                byte[] question = new byte[buffer.flip().remaining()];
                buffer.get(question);
                // A flood is dropped, as UDP may be: guests ask again. So is what is no question.
                if (question.length >= HEADER && enter(guest.getAddress())) {
                    Thread.ofVirtual().name("dns").start(() -> answer(from, guest, question));
                }
            }
        });
    }

    private interface Turn {
        void run() throws IOException;
    }

    /** Until its channel is closed: that there is no descriptor left, for one, is so for a while only. */
    private static void forever(Turn turn) {
        try {
            while (true) {
                try {
                    turn.run();
                } catch (ClosedChannelException e) {
                    LOG.debug("the name server is closed");
                    return;
                } catch (IOException e) {
                    LOG.warn("the guests' name server could not take a question: {}", e.toString());
                    Thread.sleep(REST);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this guest may ask now; each has its share, so that none ends the names of all. */
    private boolean enter(InetAddress guest) {
        if (!free.tryAcquire()) {
            return false;
        }
        if (asking.merge(guest, 1, Integer::sum) > AT_ONCE_OF_A_GUEST) {
            leave(guest);
            return false;
        }
        return true;
    }

    private void leave(InetAddress guest) {
        asking.computeIfPresent(guest, (_, count) -> count == 1 ? null : count - 1);
        free.release();
    }

    private void answer(DatagramChannel from, InetSocketAddress guest, byte[] question) {
        try {
            for (InetSocketAddress server : servers()) {
                byte[] answer = ask(server, question);
                if (answer != null) {
                    from.send(ByteBuffer.wrap(answer), guest);
                    return;
                }
            }
            from.send(ByteBuffer.wrap(failed(question)), guest);
        } catch (IOException e) {
            LOG.debug("a question of {} is not answered", guest, e);
        } finally {
            leave(guest.getAddress());
        }
    }

    /** The question sent back as an answer that says SERVFAIL, so that the guest need not wait for none. */
    private static byte[] failed(byte[] question) {
        byte[] answer = question.clone();
        answer[2] |= (byte) 0x80;
        answer[3] = 2;
        return answer;
    }

    /** Null where it does not answer. A connected socket takes answers of nobody else. */
    private static byte @Nullable [] ask(InetSocketAddress server, byte[] question) {
        try (DatagramChannel channel = DatagramChannel.open().connect(server)) {
            channel.write(ByteBuffer.wrap(question));
            DatagramPacket packet = new DatagramPacket(new byte[MESSAGE], MESSAGE);
            long end = System.nanoTime() + ANSWER_MS * 1_000_000L;
            while (true) {
                channel.socket().setSoTimeout((int) Math.max(1, (end - System.nanoTime()) / 1_000_000));
                packet.setLength(MESSAGE);
                channel.socket().receive(packet);
                byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
                // Of another question: somebody guesses.
                if (answer.length >= HEADER && answer[0] == question[0] && answer[1] == question[1]) {
                    return answer;
                }
            }
        } catch (IOException e) {
            LOG.debug("name server {} does not answer", server, e);
            return null;
        }
    }

    private void takeStreams(ServerSocketChannel from) {
        forever(() -> {
            SocketChannel guest = from.accept();
            InetAddress address = guest.socket().getInetAddress();
            if (enter(address)) {
                Thread.ofVirtual().name("dns").start(() -> pass(guest, address));
            } else {
                guest.close();
            }
        });
    }

    /** For so long at most: then both connections are closed, whoever says or takes nothing more. */
    private void pass(SocketChannel guest, InetAddress address) {
        try (guest;
                SocketChannel server = connect()) {
            guest.socket().setSoTimeout(ANSWER_MS);
            server.socket().setSoTimeout(ANSWER_MS);
            Instant end = Instant.now().plus(STREAM);
            Thread out = Thread.ofVirtual().name("dns").start(() -> copy(guest, server));
            Thread back = Thread.ofVirtual().name("dns").start(() -> copy(server, guest));
            if (!out.join(Duration.between(Instant.now(), end)) || !back.join(Duration.between(Instant.now(), end))) {
                LOG.debug("a connection to the name server took too long");
            }
        } catch (IOException e) {
            LOG.debug("a connection to the name server broke", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            leave(address);
        }
    }

    /** With the first server that takes it. */
    private SocketChannel connect() throws IOException {
        IOException last = new IOException("no name server");
        for (InetSocketAddress server : servers()) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.socket().connect(server, ANSWER_MS);
                return channel;
            } catch (IOException e) {
                channel.close();
                last = e;
            }
        }
        throw last;
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        try {
            from.socket().getInputStream().transferTo(to.socket().getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("a connection to the name server broke", e);
        }
    }

    /** Looked up each time: what the host asks changes when it moves to another network. */
    private List<InetSocketAddress> servers() throws IOException {
        List<InetSocketAddress> servers = new ArrayList<>();
        if (!configured.isEmpty()) {
            configured.forEach(server -> servers.add(new InetSocketAddress(server, port)));
            return servers;
        }
        for (String line : Files.readAllLines(Path.of("/etc/resolv.conf"))) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length == 2 && words[0].equals("nameserver")) {
                servers.add(new InetSocketAddress(words[1], port));
            }
        }
        if (servers.isEmpty()) {
            throw new IOException("/etc/resolv.conf names no server");
        }
        return servers;
    }
}
