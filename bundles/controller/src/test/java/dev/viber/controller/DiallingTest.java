package dev.viber.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How it dials, and dials again. */
@Timeout(60)
class DiallingTest {
    @TempDir
    Path state;

    private TestStore stored;
    private Store store;
    private TestGateway gateway;

    @BeforeEach
    void open() throws Exception {
        stored = new TestStore(state.resolve("state.db"));
        store = stored.store();
        gateway = new TestGateway();
    }

    @AfterEach
    void close() throws Exception {
        gateway.stop();
        stored.close();
    }

    private TestViber viber() {
        return new TestViber(gateway.address(), "secret", null, state, store);
    }

    @Test
    void aRefusedTokenIsSaidAndARenewedFileIsTaken() throws Exception {
        Path file = state.resolve("token");
        Files.writeString(file, "old\n");
        try (TestViber viber = new TestViber(gateway.address(), null, file, state, store)) {
            gateway.nextUpgrade();
            var ready = viber.awaitReady(true).orElseThrow();
            assertThat(ready.facts()).containsEntry("connected", false);
            assertThat((String) ready.facts().get("error")).contains("401");
            assertThat(viber.controller.lastError()).contains("token");
            Files.writeString(file, "secret\n");
            gateway.next("connected");
            while (!Boolean.TRUE.equals(
                    viber.awaitReady(true).orElseThrow().facts().get("connected"))) {
                // Refused tries before the file was renewed.
            }
            gateway.token = "newer";
            gateway.close(4401, "revoked");
            viber.awaitReady(false);
            assertThat((String) viber.awaitReady(true).orElseThrow().facts().get("error"))
                    .contains("token");
        }
    }

    @Test
    void aBusyServerIsAskedAgain() throws Exception {
        gateway.busyFor = "1";
        try (TestViber viber = viber()) {
            gateway.nextUpgrade();
            gateway.nextUpgrade();
            gateway.next("connected");
            viber.awaitReady(true);
        }
    }

    @Test
    void aServerThatAnswersNoPingIsGivenUp() throws Exception {
        BlockingQueue<Socket> sockets = new LinkedBlockingQueue<>();
        try (ServerSocket deaf = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> accept(deaf, sockets));
            try (TestViber _ = new TestViber("127.0.0.1:" + deaf.getLocalPort(), "secret", null, state, store)) {
                assertThat(sockets.poll(20, TimeUnit.SECONDS)).isNotNull();
                assertThat(sockets.poll(20, TimeUnit.SECONDS))
                        .as("dialled again")
                        .isNotNull();
            }
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Upgrades whoever comes, and is silent from then on. */
    private static void accept(ServerSocket server, BlockingQueue<Socket> sockets) {
        try {
            while (true) {
                Socket socket = server.accept();
                StringBuilder head = new StringBuilder();
                while (!head.toString().endsWith("\r\n\r\n")) {
                    head.append((char) socket.getInputStream().read());
                }
                String key = head.substring(head.indexOf("Sec-WebSocket-Key: ") + 19);
                byte[] hash = MessageDigest.getInstance("SHA-1")
                        .digest((key.substring(0, key.indexOf("\r\n")) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream()
                        .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + "Sec-WebSocket-Accept: "
                                        + Base64.getEncoder().encodeToString(hash)
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                sockets.add(socket);
            }
        } catch (IOException | java.security.GeneralSecurityException e) {
            // The test is over and has closed the server.
            assertThat(server.isClosed()).isTrue();
        }
    }

    @Test
    void withoutAServerItIsReadyAtOnceAndIdle() throws Exception {
        try (TestViber viber = new TestViber(null, null, null, state, store)) {
            assertThat(viber.awaitReady(true).orElseThrow().facts())
                    .containsEntry("connected", false)
                    .containsEntry("viberId", TestViber.ID);
            assertThat(viber.controller.mode()).isEqualTo("idle");
            viber.controller.stop();
            assertThat(viber.controller.mode()).isEqualTo("closed");
        }
    }
}
