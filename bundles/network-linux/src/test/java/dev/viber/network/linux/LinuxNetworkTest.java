package dev.viber.network.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxNetworkTest {
    /** In a network namespace of its own, whose bridges and rules nobody else sees. */
    @Test
    void guestsAreConnectedHeldToTheirPolicyAndForgotten(@TempDir Path run) throws Exception {
        Process process = new ProcessBuilder(List.of(
                        "unshare",
                        "--map-root-user",
                        "--net",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t sysfs sysfs /sys && exec \"$@\"", // whose links are those of the namespace
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        InNamespace.class.getName(),
                        run.toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.endsWith("all is as it was\n"), said);
    }

    @Test
    void aLayoutThatCannotBeIsRefused() {
        for (List<String> wrong : List.of(
                List.of("viperbr0; reboot", "192.168.127.0/24", "192.168.127.1"),
                List.of("viperbr0", "192.168.127.0", "192.168.127.1"),
                List.of("viperbr0", "192.168.127.0/30", "192.168.127.1"),
                List.of("viperbr0", "192.168.127.8/24", "192.168.127.1"),
                List.of("viperbr0", "192.168.127.0/24", "192.168.127.255"),
                List.of("viperbr0", "192.168.127.0/24", "10.0.0.1"))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Layout.of(wrong.get(0), wrong.get(1), wrong.get(2)),
                    wrong.toString());
        }
    }
}
