package dev.viber.client;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The device grant of RFC 8628 from the viber's side.
 *
 * <pre>{@code
 * try (DeviceLogin login = new DeviceLogin(URI.create("https://viber.example.org"), "my-viber", null)) {
 *     Asked asked = login.ask("box-1", "the box in the cellar", List.of("file"));
 *     System.out.println(asked.verificationUriComplete());
 *     Granted granted = login.await(asked);
 * }
 * }</pre>
 */
public final class DeviceLogin implements AutoCloseable {
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:device_code";
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration SLOWER = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** What to show to the person; the device code alone is secret. */
    public record Asked(
            String deviceCode,
            String userCode,
            String verificationUri,
            String verificationUriComplete,
            Duration expiresIn,
            Duration interval,
            String viberId) {}

    /** The token, and whose it is. */
    public record Granted(String viberId, String token) {}

    private record Answer(
            int status, Map<String, Object> body, @Nullable String retryAfter) {
        String text(String name) {
            return String.valueOf(body.get(name));
        }

        Duration seconds(String name, long otherwise) {
            return Duration.ofSeconds(body.get(name) instanceof Number number ? number.longValue() : otherwise);
        }
    }

    private final URI server;
    private final String clientId;
    private final HttpClient http;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * A login at this gateway.
     *
     * @param server {@code https://host:port}
     * @param clientId names this program, {@code [A-Za-z0-9._-]{1,64}}
     * @param trust what certificates to trust; null for those that Java trusts
     */
    public DeviceLogin(URI server, String clientId, @Nullable SSLContext trust) {
        this.server = server;
        this.clientId = clientId;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
        if (trust != null) {
            builder.sslContext(trust);
        }
        http = builder.build();
    }

    /**
     * Asks for a token.
     *
     * @param viberId null for one that the gateway makes
     */
    public Asked ask(@Nullable String viberId, String name, List<String> capabilities) throws InterruptedException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("client_id", clientId);
        if (viberId != null) {
            form.put("viber_id", viberId);
        }
        form.put("viber_name", name);
        form.put("capabilities", String.join(" ", capabilities));
        Answer answer = post("/oauth/device_authorization", form);
        if (answer.status != 200) {
            throw refused(answer);
        }
        return new Asked(
                answer.text("device_code"),
                answer.text("user_code"),
                answer.text("verification_uri"),
                answer.text("verification_uri_complete"),
                answer.seconds("expires_in", 600),
                answer.seconds("interval", 5),
                answer.text("viber_id"));
    }

    /** Polls, no more often than it may, until somebody decided or the time is up; refusals are problems. */
    public Granted await(Asked asked) throws InterruptedException {
        Instant end = Instant.now().plus(asked.expiresIn);
        Duration interval = asked.interval;
        Duration pause = interval;
        Map<String, String> form = Map.of("grant_type", GRANT, "client_id", clientId, "device_code", asked.deviceCode);
        while (Instant.now().isBefore(end)) {
            if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new InterruptedException("closed");
            }
            pause = interval;
            Answer answer;
            try {
                answer = post("/oauth/token", form);
            } catch (UnreachableException e) {
                // RFC 8628, 3.5: a gateway that is away for a while is asked less and less often.
                interval = shorter(interval.multipliedBy(2), LONGEST_PAUSE);
                pause = interval;
                continue;
            }
            if (answer.status == 200) {
                return new Granted(answer.text("viber_id"), answer.text("access_token"));
            }
            switch (answer.text("error")) {
                case "authorization_pending" -> {}
                case "slow_down" -> {
                    interval = interval.plus(SLOWER);
                    pause = longer(interval, retryAfter(answer));
                }
                case "temporarily_unavailable" -> pause = longer(interval, retryAfter(answer));
                default -> throw refused(answer);
            }
        }
        throw new ProblemException(Kind.FORBIDDEN, "Nobody approved the login in time; begin anew");
    }

    private static Duration retryAfter(Answer answer) {
        String seconds = answer.retryAfter;
        return seconds != null && seconds.matches("[0-9]{1,5}")
                ? Duration.ofSeconds(Long.parseLong(seconds))
                : Duration.ZERO;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private static ProblemException refused(Answer answer) {
        Kind kind = switch (answer.text("error")) {
            case "access_denied", "expired_token" -> Kind.FORBIDDEN;
            case "slow_down" -> Kind.TOO_MANY;
            case "temporarily_unavailable" -> Kind.UNAVAILABLE;
            default -> answer.status == 404 ? Kind.NOT_FOUND : Kind.INVALID;
        };
        String detail = answer.body
                .getOrDefault("error_description", answer.text("detail"))
                .toString();
        return new ProblemException(kind, "The gateway refused the login: " + detail);
    }

    private Answer post(String path, Map<String, String> form) throws InterruptedException {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        URI uri = URI.create(server.toString().replaceAll("/+$", "") + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            return new Answer(
                    response.statusCode(),
                    object(response.body()),
                    response.headers().firstValue("Retry-After").orElse(null));
        } catch (IOException e) {
            throw new UnreachableException(uri, e);
        }
    }

    private static Map<String, Object> object(byte[] body) {
        Map<String, Object> members = new LinkedHashMap<>();
        try {
            if (ViberClient.JSON.readValue(body, Object.class) instanceof Map<?, ?> object) {
                object.forEach((name, value) -> members.put(String.valueOf(name), value));
            }
        } catch (JacksonException e) {
            members.put("detail", "the answer is no JSON");
        }
        return members;
    }

    @Override
    public void close() {
        closed.countDown();
        http.shutdownNow();
        http.close();
    }
}
