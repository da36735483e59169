package dev.viber.cli;

import dev.viber.api.net.Transport;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.client.UnreachableException;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The way to the server step by step: its name, its port, its certificate, its answer, its clock, what the token may. */
final class ServerCheck implements Check {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration CLOCKS_MAY_DIFFER = Duration.ofSeconds(30);
    /** How a gateway refuses a token that is valid, for another role. */
    private static final Pattern ROLE = Pattern.compile("role '?(?:is )?(\\w+)");

    @Override
    public List<Finding> look(Patient patient) throws InterruptedException, IOException {
        URI server = patient.server();
        List<Finding> out = new ArrayList<>();
        boolean secure = "https".equals(server.getScheme());
        int port = server.getPort() > 0 ? server.getPort() : secure ? 443 : 80;
        InetAddress address = named(server, out);
        if (address == null || !answers(patient, server, new InetSocketAddress(address, port), out)) {
            return out;
        }
        SSLContext trust;
        try {
            trust = patient.trust();
        } catch (IOException e) {
            return out; // the check of the certificates to trust says it
        }
        if (secure && !proves(server, new InetSocketAddress(address, port), trust, out)) {
            return out;
        }
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(ANSWER);
        if (trust != null) {
            builder.sslContext(trust);
        }
        try (HttpClient http = builder.build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/healthz"))
                    .timeout(ANSWER)
                    .build();
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            out.add(
                    response.statusCode() == 200
                            ? Finding.ok("server", server + " answers")
                            : Finding.fail(
                                    "server",
                                    "%s answers /healthz with %d".formatted(server, response.statusCode()),
                                    "see whether that is a Viber server, and what its log says"));
            clock(response.headers().firstValue("Date").orElse(""), out);
        } catch (IOException e) {
            out.add(Finding.fail(
                    "server",
                    "%s does not speak HTTP: %s".formatted(server, Output.text(e.getMessage())),
                    secure ? "see what listens there" : "see what listens there; one with TLS wants https://"));
            return out;
        }
        token(patient, server, trust, out);
        return out;
    }

    private static @Nullable InetAddress named(URI server, List<Finding> out) {
        String host = String.valueOf(server.getHost());
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            out.add(Finding.fail(
                    "server",
                    "there is no address for the name " + host,
                    "see whether the name is right (--server, VIBER_SERVER) and DNS answers: getent hosts " + host));
            return null;
        }
    }

    private static boolean answers(Patient patient, URI server, InetSocketAddress at, List<Finding> out) {
        try (Socket socket = new Socket()) {
            socket.connect(at, (int) ANSWER.toMillis());
            return true;
        } catch (IOException e) {
            out.add(
                    patient.expectsServer()
                            ? Finding.fail(
                                    "server",
                                    "nobody answers at %s: %s".formatted(server, Output.text(e.getMessage())),
                                    "start it (%s), open the way there, or name the right one (--server, VIBER_SERVER)"
                                            .formatted(Hint.command("up")))
                            : Finding.skip(
                                    "server",
                                    "none runs at " + server + ", and none was named",
                                    "start one: " + Hint.command("up")));
            return false;
        }
    }

    /** Whether the server's certificate is trusted and its own. */
    private static boolean proves(URI server, InetSocketAddress at, @Nullable SSLContext trust, List<Finding> out) {
        try {
            SSLContext context = trust == null ? SSLContext.getDefault() : trust;
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
                socket.connect(at, (int) ANSWER.toMillis());
                socket.setSoTimeout((int) ANSWER.toMillis());
                try (SSLSocket named = (SSLSocket)
                        context.getSocketFactory().createSocket(socket, server.getHost(), at.getPort(), true)) {
                    SSLParameters parameters = named.getSSLParameters();
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                    named.setSSLParameters(parameters);
                    named.startHandshake();
                    if (named.getSession().getPeerCertificates()[0] instanceof X509Certificate own) {
                        out.add(TlsChecks.expiry(
                                "server tls",
                                named.getSession().getProtocol() + ", certificate of " + own.getSubjectX500Principal(),
                                own.getNotAfter().toInstant()));
                    }
                }
            }
            return true;
        } catch (IOException | java.security.NoSuchAlgorithmException e) {
            out.add(Finding.fail(
                    "server tls",
                    "the certificate of %s is not trusted: %s".formatted(server, Output.text(e.getMessage())),
                    "name who issued it with --tls-ca FILE (VIBER_TLS_CA), and use a name that is in it"));
            return false;
        }
    }

    private static void clock(String date, List<Finding> out) {
        try {
            ZonedDateTime told = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration ahead = Duration.between(told, ZonedDateTime.now(ZoneOffset.UTC));
            String found = "%d s %s the server's"
                    .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of");
            out.add(
                    ahead.abs().compareTo(CLOCKS_MAY_DIFFER) <= 0
                            ? Finding.ok("clock skew", found)
                            : Finding.warn(
                                    "clock skew",
                                    found,
                                    "let both keep time by NTP; deadlines and tokens go by the clock"));
        } catch (DateTimeException e) {
            out.add(Finding.warn("clock skew", "the server does not tell its time", ""));
        }
    }

    private static void token(Patient patient, URI server, @Nullable SSLContext trust, List<Finding> out) {
        String token;
        try {
            token = patient.token();
        } catch (CommandFailure | IOException e) {
            out.add(Finding.fail("token", String.valueOf(e.getMessage()), "make the file readable for you"));
            return;
        }
        if (token == null) {
            out.add(Finding.skip(
                    "token",
                    "none found: neither VIBER_TOKEN nor " + patient.discovery().ownerToken(),
                    "set VIBER_TOKEN, or name the server's state folder with --state"));
            return;
        }
        if (Transport.isOpen(server) && !patient.mayBePlain()) {
            out.add(Finding.fail(
                    "token",
                    "%s is another machine and not encrypted: whoever listens on the way can take the token"
                            .formatted(server),
                    "use https:// (wss://), or allow it with --insecure-plain-text"));
            return;
        }
        try (ViberClient client = new ViberClient(server, token, trust)) {
            client.tokens(null, Map.of("limit", 1));
            out.add(Finding.ok("token", "valid, of role owner"));
        } catch (ProblemException e) {
            Matcher role = ROLE.matcher(String.valueOf(e.getMessage()));
            out.add(
                    e.kind() == Kind.FORBIDDEN && role.find()
                            ? Finding.ok("token", "valid, of role " + role.group(1))
                            : Finding.fail(
                                    "token",
                                    "refused: " + e.getMessage(),
                                    "set VIBER_TOKEN to one that %s shows as valid, or name the server's state folder"
                                            .formatted(Hint.command("token", "list"))));
        } catch (UnreachableException e) {
            out.add(Finding.fail("token", String.valueOf(e.getMessage()), "try again; the connection broke"));
        }
    }
}
