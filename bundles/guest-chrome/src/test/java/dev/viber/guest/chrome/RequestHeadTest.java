package dev.viber.guest.chrome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RequestHeadTest {
    @Test
    void chromeSeesNeitherTokenNorOriginNorAName() throws IOException {
        InputStream in = stream(
                "GET /json HTTP/1.1\r\nHost: evil.example:80\r\nauthorization: Bearer x\r\nOrigin: http://evil\r\n"
                        + "Cookie: a=b\r\nUpgrade: WebSocket\r\nX: 1\r\n\r\nbody");
        RequestHead head = Objects.requireNonNull(RequestHead.read(in));
        assertThat(head.get("authorization")).isEqualTo("Bearer x");
        assertThat(head.isUpgrade()).isTrue();
        assertThat(new String(head.forChrome(9223), StandardCharsets.ISO_8859_1))
                .isEqualTo("GET /json HTTP/1.1\r\nHost: 127.0.0.1:9223\r\nUpgrade: WebSocket\r\nX: 1\r\n\r\n");
        assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("body");
    }

    @Test
    void anAddressStays() throws IOException {
        RequestHead head =
                Objects.requireNonNull(RequestHead.read(stream("GET / HTTP/1.1\nHost: 192.168.127.5:9222\n\n")));
        assertThat(new String(head.forChrome(9223), StandardCharsets.ISO_8859_1))
                .contains("Host: 192.168.127.5:9222\r\n");
    }

    @Test
    void whatIsNoHeadIsRefused() throws IOException {
        assertThat(RequestHead.read(stream("GET / HT"))).isNull();
        for (String bad : new String[] {
            "\r\n",
            "GET / HTTP/1.1\r\nno header\r\n\r\n",
            "GET / HTTP/1.1\r\n folded: x\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nA: " + "x".repeat(20_000) + "\r\n\r\n"
        }) {
            assertThatThrownBy(() -> RequestHead.read(stream(bad))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void listensOnAllAddressesOnlyWithAToken() {
        assertThat(Forwarder.address(Map.of(), false).getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(Forwarder.address(Map.of(), true).getAddress().isAnyLocalAddress())
                .isTrue();
        assertThat(Forwarder.address(Map.of("VIPER_AGENT_REMOTE_DEBUGGING_PORT", "9333"), false)
                        .toString())
                .endsWith("127.0.0.1:9333");
        assertThatThrownBy(() -> Forwarder.address(Map.of("VIPER_AGENT_DEVTOOLS_ADDR", "here"), true))
                .hasMessageContaining("wanted HOST:PORT");
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
