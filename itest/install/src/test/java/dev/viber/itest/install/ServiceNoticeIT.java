package dev.viber.itest.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd is told, read from the socket that it would read. */
class ServiceNoticeIT {
    private static final Path VIBER = Path.of("../../distribution/target/viber/bin/viber")
            .toAbsolutePath()
            .normalize();

    /** systemd's end: prints each datagram as a line. The JDK has no datagram sockets of this family. */
    private static final String LISTEN = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1])
            print('bound', flush=True)
            while True:
                print(s.recv(4096).decode(), flush=True)
            """;

    @Test
    void tellsOfReadinessOfLifeAndOfItsEnd(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("notify");
        Process listener = new ProcessBuilder("python3", "-c", LISTEN, socket.toString())
                .redirectError(Redirect.INHERIT)
                .start();
        Process viber = null;
        try {
            BufferedReader told = listener.inputReader();
            awaitLine(told, "bound"::equals);
            ProcessBuilder builder = viber(folder, "server", "--listen", "127.0.0.1:0");
            // Half a second between signs of life: soon enough for a test, no matter how late they come.
            builder.environment().putAll(Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "1000000"));
            viber = builder.redirectOutput(Redirect.DISCARD).start();
            BufferedReader log = viber.errorReader();
            awaitLine(told, "READY=1"::equals);
            awaitLine(told, "WATCHDOG=1"::equals);
            awaitLine(told, "WATCHDOG=1"::equals);

            // Without its listener it is alive, but not well.
            String http = bundle(folder, "dev.viber.http");
            shell(folder, "(${.context} getBundle " + http + ") stop");
            awaitLine(log, line -> line.contains("The watchdog is not told that all is well: not ready: [http]"));
            shell(folder, "(${.context} getBundle " + http + ") start");
            awaitLine(told, "WATCHDOG=1"::equals);

            viber.destroy();
            awaitLine(told, "STOPPING=1"::equals);
            drain(log);
            assertThat(viber.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(viber.exitValue()).isZero();
        } finally {
            listener.destroyForcibly();
            if (viber != null) {
                viber.destroyForcibly();
            }
        }
    }

    private static ProcessBuilder viber(Path folder, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(VIBER.toString()));
        command.addAll(List.of(words));
        command.addAll(2, List.of("--state", folder.resolve("state").toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(key -> key.startsWith("VIBER_") || key.startsWith("VIPER_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("VIBER_AOT", "off");
        return builder;
    }

    /** The number of a bundle, by its symbolic name. */
    private static String bundle(Path folder, String name) throws IOException, InterruptedException {
        String bundles = shell(folder, "lb -s");
        Matcher line = Pattern.compile("(?m)^\\s*(\\d+)\\|.*\\|" + Pattern.quote(name) + " \\(")
                .matcher(bundles);
        assertThat(line.find()).as(bundles).isTrue();
        return line.group(1);
    }

    private static String shell(Path folder, String line) throws IOException, InterruptedException {
        Process process = viber(folder, "shell", line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(line + "\n" + said).isZero();
        return said;
    }

    private static void awaitLine(BufferedReader lines, Predicate<String> wanted) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (wanted.test(line)) {
                return;
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("ended before it said what was wanted; it said:\n" + before);
    }

    private static void drain(BufferedReader lines) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
    }
}
