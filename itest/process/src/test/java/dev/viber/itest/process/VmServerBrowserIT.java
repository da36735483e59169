package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A viber elsewhere has browsers of its server's microVMs, over TLS and with nothing but its own token; nobody else has them. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VmServerBrowserIT {
    private static final String HOST = "192.168.127.1";
    private static final String VIBER = "viber-surfer";
    private static final Path EXAMPLE = Path.of("../../docs/examples/browser.yaml");

    @TempDir
    Path dir;

    private Machines machines;
    private Cluster cluster;
    private BrowserSite site;
    private Path ca;
    private String token;
    private Rest own;
    private Rest stranger;

    @BeforeEach
    void start() throws Exception {
        Certificates certificates = Certificates.made(dir, "gateway", "EC");
        ca = Files.writeString(dir.resolve("ca.pem"), certificates.certificate());
        site = new BrowserSite(InetAddress.getByName("0.0.0.0"), HOST);
        machines = Machines.withBlank(dir);
        cluster = machines.cluster()
                .with("VIBER_TLS_CERT", ca.toString())
                .with(
                        "VIBER_TLS_KEY",
                        Files.writeString(dir.resolve("key.pem"), certificates.key())
                                .toString())
                .with("VIBER_HTTP_PLAIN_LOOPBACK", "true");
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
        speak();
    }

    /** As the viber itself, and as another one; the gateway's plain port is another at each start. */
    private void speak() throws Exception {
        own = new Rest(cluster.api(), token);
        stranger = new Rest(
                cluster.api(), cluster.issueToken("viber-other").path("token").asString());
    }

    @AfterEach
    void stop() throws Exception {
        own.close();
        stranger.close();
        site.close();
        machines.close();
    }

    private void startViber() throws Exception {
        assertThat(cluster.startViber(VIBER, token, Map.of("VIBER_TLS_CA", ca.toString()))
                        .path("connected")
                        .asBoolean())
                .isTrue();
    }

    private JsonNode pool(Predicate<JsonNode> wanted) throws InterruptedException {
        return machines.pool("web", wanted);
    }

    private JsonNode take(String id, Map<String, Object> more) throws Exception {
        Map<String, Object> body = new java.util.HashMap<>(more);
        body.putAll(Map.of("id", id, "patience_s", 240));
        return own.post("/browsers", body).expect(201);
    }

    private static String agent(String vm) {
        return "/vms/" + vm + "/agent/v1/browser/page";
    }

    /** An emulated guest on a machine that others use too may take minutes for what takes a Chrome a moment. */
    private static String unhurried(String playbook) {
        return playbook.replaceAll("(?m)(with: \\{(?!.*timeoutMs).*)\\}$", "$1, timeoutMs: 240000}");
    }

    private void begun(Sse events, String step) throws Exception {
        events.await(
                cluster.rest(),
                event -> event.data().findPath("step").asString("").equals(step)
                        && event.data().findPath("state").asString("").equals("started"));
    }

    private byte[] artifact(String task, String name) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = http.send(
                    HttpRequest.newBuilder(URI.create(cluster.api() + "/tasks/" + task + "/artifacts/" + name))
                            .header("Authorization", "Bearer " + machines.token())
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        }
    }

    @Test
    void aViberHasABrowserOfItsServerOverKillsOfBothAndNobodyElseHasIt() throws Exception {
        JsonNode none = own.get("/browsers").expect(200);
        assertThat(none.path("able").asBoolean()).isFalse();
        assertThat(none.path("reason").asString()).contains("no pool of microVMs");
        cluster.rest()
                .post(
                        "/pools",
                        Map.of(
                                "name",
                                "web",
                                "snapshot",
                                "blank",
                                "warm",
                                1,
                                "most",
                                2,
                                "egress",
                                List.of(HOST + ":" + site.port())))
                .expect(201);

        startViber();
        String task = cluster.rest()
                .post(
                        "/tasks",
                        Map.of(
                                "goal",
                                "order",
                                "viberId",
                                VIBER,
                                "options",
                                Map.of(
                                        "playbook",
                                        unhurried(Files.readString(EXAMPLE)),
                                        "inputs",
                                        Map.of("site", site.url(), "user", "ada", "password", "pa55"))))
                .expect(201)
                .path("id")
                .asString();
        Sse events = new Sse(task);
        begun(events, "form");
        JsonNode session =
                pool(seen -> seen.path("sessions").size() == 1).path("sessions").path(0);
        String vm = session.path("vm").asString();
        assertThat(session.path("id").asString()).isEqualTo(VIBER + "/" + task);
        assertThat(cluster.viber().log()).contains("has a browser of the kind 'server', vm " + vm + " of https://");

        isNobodyElses(task, vm);

        cluster.viber().kill();
        startViber();
        site.let("order");
        begun(events, "done");
        cluster.killGateway();
        cluster.startGateway();
        speak();
        assertThat(pool(seen -> true).path("sessions").path(0))
                .as("found again, by both")
                .isEqualTo(session);
        site.let("done");
        new Sse(task).followToEnd(cluster, event -> {});
        JsonNode ended = cluster.rest().get("/tasks/" + task).expect(200);
        assertThat(ended.path("phase").asString()).as("%s", ended).isEqualTo("completed");
        assertThat(site.requests())
                .as("each page was loaded once")
                .filteredOn(each -> each.endsWith("/login") || each.endsWith("/order") || each.endsWith("/done"))
                .containsExactly("GET /login", "POST /login", "GET /order", "POST /order", "GET /done");
        assertThat(site.orders()).containsExactly(Map.of("what", "Twelve apples", "size", "l"));
        assertThat(new String(artifact(task, "receipt.csv"), StandardCharsets.UTF_8))
                .isEqualTo(BrowserSite.RECEIPT);
        assertThat(artifact(task, "receipt.png")).startsWith(0x89, 'P', 'N', 'G');

        pool(seen -> seen.path("sessions").isEmpty());
        assertThat(own.get(agent(vm)).expect(410).path("detail").asString())
                .isEqualTo("session %s has ended: it was given back", task);
        endsWithItsTimeAndWithItsViber();
        cluster.viber().terminate();
        cluster.rest().send("DELETE", "/pools/web", null, Map.of()).expect(204);
        assertThat(machines.left()).isEmpty();
    }

    private void isNobodyElses(String task, String vm) throws Exception {
        own.get(agent(vm)).expect(200);
        assertThat(own.get("/browsers")
                        .expect(200)
                        .path("sessions")
                        .path(0)
                        .path("id")
                        .asString())
                .isEqualTo(task);
        assertThat(stranger.get("/browsers").expect(200).path("sessions")).isEmpty();
        for (String path : List.of(agent(vm), "/vms/" + vm + "/devtools/json/version", agent("nothing"))) {
            assertThat(stranger.get(path).expect(403).path("detail").asString())
                    .contains("no session of viber viber-other has a VM");
        }
        assertThat(stranger.send("DELETE", "/browsers/" + task, null, Map.of()).status())
                .isEqualTo(404);
        assertThat(stranger.post("/browsers", Map.of("id", VIBER + "/" + task)).status())
                .isEqualTo(422);
        assertThat(own.post("/browsers", Map.of("id", "wide", "egress", List.of("10.0.0.0/8")))
                        .expect(403)
                        .path("detail")
                        .asString())
                .contains("pool web does not have 10.0.0.0/8");
        for (String path : List.of("/vms/" + vm + "/live", "/vms/" + vm + "/logs", "/pools/web")) {
            assertThat(own.get(path).status()).as(path).isEqualTo(403);
        }
    }

    private void endsWithItsTimeAndWithItsViber() throws Exception {
        String vm = take("brief", Map.of("limit_s", 1)).path("vm").asString();
        pool(seen -> seen.path("sessions").isEmpty());
        JsonNode late = own.get(agent(vm)).expect(410);
        assertThat(late.path("late").asBoolean()).isTrue();
        assertThat(late.path("detail").asString()).contains("session brief has ended: its time was over");

        String last = take("last", Map.of("egress", List.of(HOST + ":" + site.port())))
                .path("vm")
                .asString();
        own.get(agent(last)).expect(200);
        cluster.rest().send("DELETE", "/vibers/" + VIBER, null, Map.of()).expect(204);
        pool(seen -> seen.path("sessions").isEmpty());
        assertThat(own.get(agent(last)).status()).isEqualTo(401);
    }
}
