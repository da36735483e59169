package dev.viber.network.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The guests' name server by real sockets on the loopback, in front of a name server of the test's own. */
class DnsRelayTest {
    private static final int PATIENCE_MS = 60_000;
    private static final String RELAY = "127.0.71.1";
    private static final String SERVER = "127.0.71.2";
    private static final String DEAD = "127.0.71.3";

    private DatagramSocket server;
    private ServerSocket streams;
    private DatagramSocket guest;
    private DnsRelay relay;

    @BeforeEach
    void start() throws IOException {
        server = new DatagramSocket(0, InetAddress.getByName(SERVER));
        server.setSoTimeout(PATIENCE_MS);
        streams = new ServerSocket(server.getLocalPort(), 50, InetAddress.getByName(SERVER));
        guest = new DatagramSocket(0, InetAddress.getByName("127.0.71.9"));
        guest.setSoTimeout(PATIENCE_MS);
        relay = relay(DEAD, SERVER);
    }

    private DnsRelay relay(String... servers) throws IOException {
        DnsRelay made = new DnsRelay(RELAY, List.of(servers), server.getLocalPort());
        made.open();
        return made;
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
        server.close();
        streams.close();
        guest.close();
    }

    @Test
    void aQuestionIsPassedOnAndItsAnswerBack() throws IOException {
        isAnswered();
    }

    private void isAnswered() throws IOException {
        // A server that is dead is passed over.
        ask(message(1, 0x0100, "question"));
        DatagramPacket asked = receive(server);
        assertArrayEquals(message(1, 0x0100, "question"), bytes(asked));
        // An answer that is cut off is the guest's to see.
        answer(asked.getSocketAddress(), message(1, 0x8380, "answer"));
        DatagramPacket answered = receive(guest);
        assertArrayEquals(message(1, 0x8380, "answer"), bytes(answered));
        assertEquals(RELAY, answered.getAddress().getHostAddress());
    }

    @Test
    void whatIsForgedIsNotPassedOn() throws IOException {
        ask(message(2, 0x0100, "question"));
        DatagramPacket asked = receive(server);
        try (DatagramSocket forger = new DatagramSocket(0, InetAddress.getByName("127.0.71.4"))) {
            byte[] forged = message(2, 0x8180, "forged");
            forger.send(new DatagramPacket(forged, forged.length, asked.getSocketAddress()));
        }
        answer(asked.getSocketAddress(), message(3, 0x8180, "of another question"));
        answer(asked.getSocketAddress(), new byte[] {0, 2, 1});
        answer(asked.getSocketAddress(), message(2, 0x8180, "true"));
        assertArrayEquals(message(2, 0x8180, "true"), bytes(receive(guest)));
    }

    @Test
    void whereNoServerIsTheGuestIsToldSo() throws IOException {
        relay.close();
        relay = relay(DEAD);
        ask(message(4, 0x0100, "question"));
        assertArrayEquals(message(4, 0x8102, "question"), bytes(receive(guest)));
    }

    @Test
    void manyAskAtOnceAndEachGetsItsOwn() throws IOException {
        int count = 60;
        List<DatagramPacket> asked = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            ask(message(id, 0x0100, "question " + id));
        }
        for (int i = 0; i < count; i++) {
            asked.add(receive(server));
        }
        for (DatagramPacket packet : asked.reversed()) {
            byte[] question = bytes(packet);
            question[2] |= (byte) 0x80;
            answer(packet.getSocketAddress(), question);
        }
        boolean[] seen = new boolean[count];
        for (int i = 0; i < count; i++) {
            byte[] answer = bytes(receive(guest));
            int id = answer[1];
            assertArrayEquals(message(id, 0x8100, "question " + id), answer);
            seen[id] = true;
        }
        boolean[] all = new boolean[count];
        Arrays.fill(all, true);
        assertArrayEquals(all, seen);
    }

    @Test
    void aGuestThatAsksWithoutEndTakesNoNamesFromAnother() throws IOException {
        for (int id = 0; id < 200; id++) {
            ask(message(id, 0x0100, "flood"));
        }
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.getByName("127.0.71.10"))) {
            other.setSoTimeout(PATIENCE_MS);
            byte[] question = message(7, 0x0100, "of another guest");
            other.send(
                    new DatagramPacket(question, question.length, new InetSocketAddress(RELAY, server.getLocalPort())));
            DatagramPacket asked = receive(server);
            while (!Arrays.equals(question, bytes(asked))) {
                asked = receive(server);
            }
            answer(asked.getSocketAddress(), message(7, 0x8180, "answer"));
            assertArrayEquals(message(7, 0x8180, "answer"), bytes(receive(other)));
        }
    }

    @Test
    void nonsenseDoesNoHarm() throws IOException {
        Random random = new Random(71);
        for (int length = 0; length < 12; length++) {
            byte[] nonsense = new byte[length];
            random.nextBytes(nonsense);
            ask(nonsense);
        }
        ask(message(5, 0xffff, "no question \0 at all"));
        assertArrayEquals(message(5, 0xffff, "no question \0 at all"), bytes(receive(server)));
        try (Socket broken = connect()) {
            broken.getOutputStream().write(255);
        }
        isAnswered();
    }

    @Test
    void aStreamIsPassedOnBothWays() throws IOException {
        byte[] question = message(6, 0x0100, "question");
        byte[] answer = message(6, 0x8180, "a long answer ".repeat(4000));
        try (Socket socket = connect()) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.writeShort(question.length);
            out.write(question);
            try (Socket served = streams.accept()) {
                DataInputStream asked = new DataInputStream(served.getInputStream());
                assertArrayEquals(question, asked.readNBytes(asked.readUnsignedShort()));
                DataOutputStream back = new DataOutputStream(served.getOutputStream());
                back.writeShort(answer.length);
                back.write(answer);
            }
            assertArrayEquals(answer, in.readNBytes(in.readUnsignedShort()));
            assertEquals(-1, in.read());
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(RELAY, server.getLocalPort()), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    private void ask(byte[] question) throws IOException {
        guest.send(new DatagramPacket(question, question.length, new InetSocketAddress(RELAY, server.getLocalPort())));
    }

    private void answer(SocketAddress to, byte[] answer) throws IOException {
        server.send(new DatagramPacket(answer, answer.length, to));
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        socket.receive(packet);
        return packet;
    }

    private static byte[] bytes(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static byte[] message(int id, int flags, String rest) {
        byte[] text = rest.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(12 + text.length)
                .putShort((short) id)
                .putShort((short) flags)
                .putLong(0)
                .put(text)
                .array();
    }
}
