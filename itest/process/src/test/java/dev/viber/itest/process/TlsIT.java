package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A gateway with a certificate: changed under open connections, trusted by vibers that know it, refused by others. */
class TlsIT {
    @TempDir
    Path dir;

    private Daemon gateway;
    private Daemon viber;

    @AfterEach
    void stop() {
        if (viber != null) {
            viber.close();
        }
        if (gateway != null) {
            gateway.close();
        }
    }

    private static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void theCertificateChangesUnderOpenConnections() throws Exception {
        Certificates first = Certificates.made(dir, "first", "RSA");
        Certificates second = Certificates.made(dir, "second", "EC");
        Path tls = Files.createDirectory(dir.resolve("tls"));
        Path cert = Files.writeString(tls.resolve("cert.pem"), first.certificate());
        Path key = Files.writeString(tls.resolve("key.pem"), first.key());
        Path ca = Files.writeString(dir.resolve("ca.pem"), first.certificate() + second.certificate());
        Path state = dir.resolve("gateway");
        gateway = Daemon.start(
                "gateway",
                Daemon.viber(
                        "server",
                        "--json",
                        "--listen",
                        "127.0.0.1:0",
                        "--state",
                        state.toString(),
                        "--tls-cert",
                        cert.toString(),
                        "--tls-key",
                        key.toString()),
                Map.of());
        JsonNode ready = gateway.ready();
        assertThat(ready.path("api").asString()).startsWith("https://127.0.0.1:");
        assertThat(ready.path("ws").asString()).startsWith("wss://127.0.0.1:");
        String server = ready.path("ws").asString();
        int port = java.net.URI.create(server).getPort();

        String token =
                cli(ca, state, server, "token", "create", "box").path("token").asString();
        viber = Daemon.start(
                "viber",
                Daemon.viber(
                        "start",
                        "--json",
                        "--server",
                        server,
                        "--id",
                        "box",
                        "--tls-ca",
                        ca.toString(),
                        "--state",
                        dir.resolve("box").toString(),
                        "--workspace",
                        dir.toString()),
                Map.of("VIBER_TOKEN", token));
        assertThat(viber.ready().path("connected").asBoolean()).isTrue();
        String since = cli(ca, state, server, "vibers", "show", "box")
                .path("connectedAt")
                .asString();

        try (SSLSocket open = dial(port)) {
            assertThat(subject(open)).isEqualTo("CN=first");
            // Half of the change: key and certificate do not belong together, and all stays.
            replace(cert, second.certificate());
            assertThat(health(open)).contains("200 OK");
            try (SSLSocket between = dial(port)) {
                assertThat(subject(between)).isEqualTo("CN=first");
            }
            replace(key, second.key());
            String seen = Patience.until(
                    () -> {
                        try (SSLSocket fresh = dial(port)) {
                            return subject(fresh);
                        }
                    },
                    "CN=second"::equals);
            assertThat(seen).isEqualTo("CN=second");
            assertThat(health(open)).as("a connection that was open").contains("200 OK");
        }
        JsonNode box = cli(ca, state, server, "vibers", "show", "box");
        assertThat(box.path("status").asString()).isEqualTo("online");
        assertThat(box.path("connectedAt").asString()).isEqualTo(since);

        Ended stranger = command(state, Map.of(), "status", "--server", server, "--state", state.toString());
        assertThat(stranger.exit())
                .as("a certificate that is not trusted: %s", stranger.err())
                .isEqualTo(3);
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
            plain.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("200 OK");
        }
    }

    @Test
    void plainTextToAnotherMachineIsRefusedUnlessAskedForByName() throws Exception {
        Map<String, String> token = Map.of("VIBER_TOKEN", "vbr_00_secret");
        String away = "192.0.2.1:7777";
        for (List<String> arguments : List.of(
                List.of("start", "--server", "ws://" + away, "--id", "box"),
                List.of("login", "--server", "http://" + away),
                List.of("status", "--server", "http://" + away))) {
            List<String> all = new java.util.ArrayList<>(arguments);
            all.addAll(List.of("--state", dir.resolve("s").toString()));
            Ended ended = command(dir, token, all.toArray(String[]::new));
            assertThat(ended.exit()).as("%s: %s", arguments, ended.err()).isEqualTo(2);
            assertThat(ended.err()).contains("--insecure-plain-text");
        }
        Ended unnamed =
                command(dir, Map.of(), "start", "--state", dir.resolve("s").toString());
        assertThat(unnamed.exit()).isEqualTo(2);
        assertThat(unnamed.err()).contains("viber login --server URL");
    }

    private record Ended(int exit, String out, String err) {}

    private Ended command(Path folder, Map<String, String> environment, String... arguments) throws Exception {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(Daemon.viber(arguments))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("VIBER_") || name.startsWith("VIPER_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("%s ends", List.of(arguments))
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    private JsonNode cli(Path ca, Path state, String server, String... words) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of(words));
        all.addAll(List.of("--json", "--server", server, "--state", state.toString(), "--tls-ca", ca.toString()));
        Ended ended = command(dir, Map.of(), all.toArray(String[]::new));
        assertThat(ended.exit()).as("%s: %s", all, ended.err()).isZero();
        return Rest.JSON.readTree(ended.out());
    }

    private static SSLSocket dial(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anyone()}, new SecureRandom());
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.startHandshake();
        return socket;
    }

    private static String subject(SSLSocket socket) throws Exception {
        X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
    }

    private static String health(SSLSocket socket) throws IOException {
        socket.getOutputStream()
                .write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] answer = new byte[4096];
        StringBuilder read = new StringBuilder();
        while (read.indexOf("\"ok\"}") < 0) {
            int n = socket.getInputStream().read(answer);
            if (n < 0) {
                break;
            }
            read.append(new String(answer, 0, n, StandardCharsets.ISO_8859_1));
        }
        return read.toString();
    }

    /** Trusts whatever is shown: this test looks at it by itself. */
    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
