package dev.viber.browser.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressTest {
    private static final Egress.Names LITERALS = host -> new InetAddress[] {InetAddress.ofLiteral(host)};

    private static boolean lets(Egress egress, String host, int port) throws IOException {
        try {
            return !egress.addresses(host, port).isEmpty();
        } catch (Egress.RefusedException e) {
            assertThat(e).hasMessageContaining(host);
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.168.0.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::7f00:1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "2002:7f00:1::1",
                "3fff::1",
                "fc00::1",
                "fd12::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "4000::1",
                "5f00::1"
            })
    void keepsFromAllThatIsNotTheInternet(String address) throws IOException {
        assertThat(lets(new Egress(List.of(), LITERALS), address, 80)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.1",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00:1450::1",
                "::ffff:8.8.8.8"
            })
    void letsTheInternet(String address) throws IOException {
        assertThat(lets(new Egress(List.of(), LITERALS), address, 443)).isTrue();
    }

    @Test
    void letsWhatIsListed() throws IOException {
        Egress egress = new Egress(
                List.of("10.1.2.0/24", "127.0.0.1:8000", "192.168.7.7:443", "172.20.1.1", "fd00::/16", "[::1]:9000"),
                LITERALS);
        assertThat(lets(egress, "10.1.2.200", 22)).isTrue();
        assertThat(lets(egress, "10.1.3.1", 22)).isFalse();
        assertThat(lets(egress, "127.0.0.1", 8000)).isTrue();
        assertThat(lets(egress, "127.0.0.1", 8001)).isFalse();
        assertThat(lets(egress, "127.0.0.2", 8000)).isFalse();
        assertThat(lets(egress, "::ffff:127.0.0.1", 8000)).isTrue();
        assertThat(lets(egress, "192.168.7.7", 443)).isTrue();
        assertThat(lets(egress, "192.168.7.7", 80)).isFalse();
        assertThat(lets(egress, "172.20.1.1", 80)).isTrue();
        assertThat(lets(egress, "172.20.1.2", 80)).isFalse();
        assertThat(lets(egress, "fd00:1::1", 80)).isTrue();
        assertThat(lets(egress, "fd01::1", 80)).isFalse();
        assertThat(lets(egress, "::1", 9000)).isTrue();
        assertThat(lets(egress, "::1", 9001)).isFalse();
    }

    /** A network that this machine is in lets its neighbours be reached, and none of its own addresses. */
    @Test
    void aNetworkNeverOpensThisMachine() throws IOException {
        Egress all = new Egress(List.of("0.0.0.0/0", "::/0"), LITERALS);
        assertThat(lets(all, "10.20.30.40", 80)).isTrue();
        assertThat(lets(all, "127.0.0.1", 80)).isFalse();
        assertThat(lets(all, "::1", 80)).isFalse();
        assertThat(lets(all, "0.0.0.0", 80)).isFalse();
        List<InetAddress> own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .toList();
        assertThat(own).isNotEmpty();
        for (InetAddress each : own) {
            assertThat(lets(all, each.getHostAddress().replaceFirst("%.*", ""), 80))
                    .as("%s", each)
                    .isFalse();
        }
    }

    @Test
    void takesOfSeveralAddressesTheOnesItMay() throws IOException {
        Egress egress = new Egress(List.of(), _ -> new InetAddress[] {
            InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("::1")
        });
        assertThat(egress.addresses("both.example", 80)).containsExactly(InetAddress.ofLiteral("8.8.8.8"));
    }

    /** What is dialled is what was looked at: a name that leads elsewhere the next time is asked once for each connection. */
    @Test
    void asksForANameOnce() throws IOException {
        Deque<String> answers = new ArrayDeque<>(List.of("8.8.8.8", "127.0.0.1"));
        Egress egress = new Egress(List.of(), _ -> new InetAddress[] {InetAddress.ofLiteral(answers.remove())});
        assertThat(egress.addresses("rebinding.example", 80)).containsExactly(InetAddress.ofLiteral("8.8.8.8"));
        assertThat(answers).containsExactly("127.0.0.1");
        assertThat(lets(egress, "rebinding.example", 80)).isFalse();
    }

    @Test
    void saysWhatIsNoPlace() {
        for (String each :
                List.of("10.0.0.0/33", "example.org", "example.org:80", "10.0.0.1:0", "10.0.0.1:x", "[::1]", "")) {
            assertThatThrownBy(() -> new Egress(List.of("10.0.0.0/8", each), LITERALS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + each + "'");
        }
        Egress none = new Egress(List.of(), host -> {
            throw new UnknownHostException(host);
        });
        assertThatThrownBy(() -> none.addresses("nowhere.example", 80)).isInstanceOf(UnknownHostException.class);
    }
}
