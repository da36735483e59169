package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The endpoints of RFC 8628 as a stranger sees them: every error in the RFC's words, whatever comes in. */
class OAuthIT {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String GRANT = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

    @TempDir
    static Path dir;

    private static Cluster cluster;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        cluster = new Cluster(dir)
                .with("VIBER_AUTH_DEVICE_INTERVAL", "5")
                .with("VIBER_AUTH_GUESSES_PER_MINUTE", "1000000")
                .with("VIBER_AUTH_DEVICE_PER_ADDRESS", "100000")
                .with("VIBER_AUTH_DEVICE_MOST", "100000");
        cluster.startGateway();
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.shutdownNow();
        cluster.close();
    }

    private static HttpResponse<String> send(String method, String path, String type, byte[] body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cluster.port() + path))
                .method(method, BodyPublishers.ofByteArray(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return send("POST", path, FORM, body.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return Rest.JSON.readTree(response.body());
    }

    private static String error(String form) throws Exception {
        HttpResponse<String> response = post("/oauth/token", form);
        assertThat(response.statusCode()).isEqualTo(400);
        return json(response).path("error").asString();
    }

    private static JsonNode ask(String id) throws Exception {
        HttpResponse<String> response = post(
                "/oauth/device_authorization", "client_id=test&viber_id=" + id + "&viber_name=Box&capabilities=file");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        return json(response);
    }

    @Test
    void aGrantInTheWordsOfTheRfc() throws Exception {
        JsonNode asked = ask("box");
        assertThat(asked.propertyNames())
                .contains(
                        "device_code",
                        "user_code",
                        "verification_uri",
                        "verification_uri_complete",
                        "expires_in",
                        "interval");
        assertThat(asked.path("interval").asInt()).isEqualTo(5);
        String poll = "grant_type=" + GRANT + "&client_id=test&device_code="
                + asked.path("device_code").asString();
        assertThat(error(poll)).isEqualTo("authorization_pending");
        assertThat(error(poll)).isEqualTo("slow_down");
        assertThat(error(poll.replace("client_id=test", "client_id=other"))).isEqualTo("invalid_grant");

        decide(asked, "deny");
        assertThat(error(poll)).isEqualTo("access_denied");

        JsonNode again = ask("box2");
        decide(again, "approve");
        HttpResponse<String> granted = post(
                "/oauth/token",
                "grant_type=" + GRANT + "&client_id=test&device_code="
                        + again.path("device_code").asString());
        assertThat(granted.statusCode()).isEqualTo(200);
        assertThat(granted.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(json(granted).path("token_type").asString()).isEqualTo("Bearer");
        assertThat(json(granted).path("access_token").asString()).startsWith("vbr_");
        assertThat(cluster.rest().get("/vibers/box2").expect(200).path("name").asString())
                .isEqualTo("Box");
    }

    /** Signs in with the owner's token and decides, as a browser does; and is refused wherever it is not quite one. */
    private static void decide(JsonNode asked, String action) throws Exception {
        String owner =
                Files.readString(cluster.gatewayState().resolve("owner.token")).strip();
        String code = URLEncoder.encode(asked.path("user_code").asString(), StandardCharsets.UTF_8);
        HttpResponse<String> in = post("/device", "action=sign-in&user_code=" + code + "&token=" + owner);
        assertThat(in.statusCode()).isEqualTo(303);
        String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .contains("HttpOnly", "SameSite=Strict", "Path=/device")
                .doesNotContain(owner);
        String[] ours = {"Cookie", cookie.split(";", 2)[0]};
        HttpResponse<String> page = send("GET", "/device?user_code=" + code, null, new byte[0], ours);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .doesNotContain("unsafe");
        String csrf = page.body().replaceAll("(?s)^.*?name=\"csrf\" value=\"([^\"]+)\".*$", "$1");
        byte[] form = ("action=" + action + "&user_code=" + code + "&csrf=" + csrf).getBytes(StandardCharsets.UTF_8);
        byte[] forged = ("action=" + action + "&user_code=" + code + "&csrf=x").getBytes(StandardCharsets.UTF_8);
        assertThat(send("POST", "/device", FORM, forged, ours).statusCode()).isEqualTo(403);
        assertThat(send("POST", "/device", FORM, form).statusCode())
                .as("without the cookie")
                .isEqualTo(401);
        assertThat(send("POST", "/device", FORM, form, "Cookie", ours[1], "Origin", "http://elsewhere.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("POST", "/device", FORM, form, ours).statusCode()).isEqualTo(200);
    }

    @Test
    void aViewerMayNotApprove() throws Exception {
        JsonNode asked = ask("box3");
        String viewer = cluster.rest()
                .post("/tokens", Map.of("role", "viewer"))
                .expect(201)
                .path("token")
                .asString();
        HttpResponse<String> in = post(
                "/device", "action=sign-in&user_code=" + asked.path("user_code").asString() + "&token=" + viewer);
        assertThat(in.statusCode()).isEqualTo(403);
        assertThat(in.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/oauth/token|''|invalid_request",
                "/oauth/token|grant_type=password|unsupported_grant_type",
                "/oauth/token|grant_type=" + GRANT + "|invalid_request",
                "/oauth/token|grant_type=" + GRANT + "&client_id=test|invalid_request",
                "/oauth/token|grant_type=" + GRANT + "&client_id=test&device_code=nope|invalid_grant",
                "/oauth/token|grant_type=" + GRANT + "&grant_type=x&client_id=test|invalid_request",
                "/oauth/token|grant_type=%|invalid_request",
                "/oauth/device_authorization|''|invalid_request",
                "/oauth/device_authorization|client_id=a b|invalid_request",
                "/oauth/device_authorization|client_id=test&scope=all|invalid_scope",
                "/oauth/device_authorization|client_id=test&viber_id=..%2Fx|invalid_request",
                "/oauth/device_authorization|client_id=test&viber_name=a%0Ab|invalid_request",
                "/oauth/device_authorization|client_id=test&capabilities=UPPER|invalid_request",
            })
    void whatIsWrongIsNamed(String path, String form, String wanted) throws Exception {
        HttpResponse<String> response = post(path, form);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("error").asString()).isEqualTo(wanted);
        assertThat(json(response).path("error_description").asString()).isNotEmpty();
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @Test
    void whateverComesInIsAnsweredInOrder() throws Exception {
        long seed = Seed.get();
        Random random = new Random(seed);
        List<String> seeds = List.of(
                "grant_type=" + GRANT + "&client_id=test&device_code=abc",
                "client_id=test&viber_id=box&viber_name=Box&capabilities=file+web",
                "action=sign-in&user_code=BBBB-BBBB&token=vbr_1_2");
        Set<Integer> expected = Set.of(200, 400, 401, 403, 404, 405, 415, 429);
        for (int i = 0; i < 2_000; i++) {
            byte[] body = seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.UTF_8);
            for (int change = random.nextInt(6); change > 0; change--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(40) == 0) {
                body = new byte[random.nextInt(200_000)];
                random.nextBytes(body);
            }
            String path = List.of("/oauth/token", "/oauth/device_authorization", "/oauth/x", "/device")
                    .get(random.nextInt(4));
            String type = random.nextInt(20) == 0 ? "application/json" : FORM;
            String method = random.nextInt(20) == 0 ? "PUT" : "POST";
            HttpResponse<String> response = send(method, path, type, body);
            assertThat(expected)
                    .as("%d of seed %d: %s", i, seed, response.body())
                    .contains(response.statusCode());
            if (path.startsWith("/oauth") && response.statusCode() != 200) {
                assertThat(json(response).path("error").asString()).isNotEmpty();
            }
            if (response.statusCode() == 429) {
                assertThat(response.headers().firstValue("Retry-After")).isPresent();
            }
        }
        ask("after");
    }
}
