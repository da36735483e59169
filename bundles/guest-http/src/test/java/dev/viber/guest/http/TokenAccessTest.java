package dev.viber.guest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TokenAccessTest {
    @Test
    void aTokenIsAskedForAsItIs() {
        TokenAccess access = new TokenAccess("secret");
        assertThat(access.refusal("Bearer secret", "any.name", "http://any")).isNull();
        assertThat(access.refusal("bearer secret", null, null)).isNull();
        for (String wrong :
                new String[] {null, "", "secret", "Bearer", "Bearer secret2", "Bearer Secret", "Basic secret"}) {
            assertThat(access.refusal(wrong, "127.0.0.1", null)).as(wrong).isNotNull();
        }
    }

    @Test
    void withoutOneNoWebPageGetsIn() {
        TokenAccess access = new TokenAccess((String) null);
        assertThat(access.refusal(null, "127.0.0.1:8080", null)).isNull();
        assertThat(access.refusal(null, "localhost", null)).isNull();
        assertThat(access.refusal(null, "127.0.0.1:8080", "https://page.example"))
                .isNotNull();
        assertThat(access.refusal(null, "rebound.example:8080", null)).isNotNull();
    }

    @Test
    void addressesAreRead() {
        assertThat(Listener.address(null, false).getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(Listener.address(":81", false).getAddress().isAnyLocalAddress())
                .isTrue();
        assertThat(Listener.address("127.0.0.1:0", true).getPort()).isZero();
        for (String bad : new String[] {"8080", "host:", "host:99999", "host:-1"}) {
            assertThatThrownBy(() -> Listener.address(bad, true)).hasMessageContaining("VIPER_AGENT_LISTEN_ADDR");
        }
    }
}
