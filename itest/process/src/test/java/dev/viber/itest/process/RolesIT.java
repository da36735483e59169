package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.rest.Parameter;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every kind of caller against every route; a route that is new has to be entered here before this passes. */
class RolesIT {
    private static final String ALL = "owner operator viewer";
    private static final String CHANGERS = "owner operator";
    private static final String OWNER = "owner";
    private static final String VIBER = "viber";

    /** Who may call what: written down a second time, on purpose. */
    private static final Map<String, String> ALLOWED = Map.ofEntries(
            Map.entry("submitTask", CHANGERS),
            Map.entry("listTasks", ALL),
            Map.entry("getTask", ALL),
            Map.entry("taskEvents", ALL),
            Map.entry("messageTask", CHANGERS),
            Map.entry("stopTask", CHANGERS),
            Map.entry("retryTask", CHANGERS),
            Map.entry("listArtifacts", ALL),
            Map.entry("getArtifact", ALL),
            Map.entry("offerArtifact", VIBER),
            Map.entry("putArtifact", VIBER),
            Map.entry("listApprovals", ALL),
            Map.entry("decide", CHANGERS),
            Map.entry("listDeadLetters", ALL),
            Map.entry("retryDeadLetter", CHANGERS),
            Map.entry("pruneDeadLetters", CHANGERS),
            Map.entry("listVibers", ALL),
            Map.entry("getViber", ALL),
            Map.entry("changeViber", CHANGERS),
            Map.entry("deleteViber", CHANGERS),
            Map.entry("issueToken", OWNER),
            Map.entry("listViberTokens", OWNER),
            Map.entry("issueClientToken", OWNER),
            Map.entry("listTokens", OWNER),
            Map.entry("rotateToken", OWNER),
            Map.entry("revokeToken", OWNER),
            Map.entry("listAudit", OWNER),
            Map.entry("createVm", CHANGERS),
            Map.entry("listVms", ALL),
            Map.entry("getVm", ALL),
            Map.entry("deleteVm", CHANGERS),
            Map.entry("startVm", CHANGERS),
            Map.entry("stopVm", CHANGERS),
            Map.entry("restartVm", CHANGERS),
            Map.entry("pauseVm", CHANGERS),
            Map.entry("resumeVm", CHANGERS),
            Map.entry("snapshotVm", CHANGERS),
            Map.entry("forkVm", CHANGERS),
            Map.entry("listSnapshots", ALL),
            Map.entry("getSnapshot", ALL),
            Map.entry("deleteSnapshot", CHANGERS),
            Map.entry("createPool", CHANGERS),
            Map.entry("listPools", ALL),
            Map.entry("getPool", ALL),
            Map.entry("changePool", CHANGERS),
            Map.entry("deletePool", CHANGERS),
            Map.entry("acquireBrowser", CHANGERS),
            Map.entry("releaseBrowser", CHANGERS),
            Map.entry("createWorkload", CHANGERS),
            Map.entry("listWorkloads", ALL),
            Map.entry("getWorkload", ALL),
            Map.entry("changeWorkload", CHANGERS),
            Map.entry("deleteWorkload", CHANGERS),
            Map.entry("listBrowsers", VIBER),
            Map.entry("takeBrowser", VIBER),
            Map.entry("giveBackBrowser", VIBER),
            Map.entry("installPlugin", OWNER),
            Map.entry("listPlugins", ALL),
            Map.entry("getPlugin", ALL),
            Map.entry("updatePlugin", OWNER),
            Map.entry("removePlugin", OWNER),
            Map.entry("pluginJar", VIBER),
            Map.entry("events", ALL),
            Map.entry("systemStatus", ALL),
            Map.entry("openapi", ALL));

    /** What is served beside the routes, and who passes the door there. */
    private static final Map<String, String> BESIDE = Map.ofEntries(
            Map.entry("/metrics", ALL),
            Map.entry("/ws/v1/events", ALL),
            Map.entry("/api/v1/vms/nothing/agent/healthz", CHANGERS),
            Map.entry("/api/v1/vms/nothing/devtools/json/version", CHANGERS),
            Map.entry("/api/v1/vms/nothing/live", ALL),
            Map.entry("/api/v1/vms/nothing/live/tickets", ALL),
            Map.entry("/live/nothing", "everyone"),
            Map.entry("/vibers/ws", VIBER),
            Map.entry("/healthz", "everyone"),
            Map.entry("/readyz", "everyone"),
            Map.entry("/device", "everyone"),
            Map.entry("/oauth/token", "everyone"),
            Map.entry("/nothing", ""),
            Map.entry("/api/v1/vms/nothing/logs", ALL),
            Map.entry("/api/v1/vms/nothing/console", CHANGERS),
            Map.entry("/api/v1/events/vms", ALL),
            Map.entry("/api/v1/mcp", ALL),
            Map.entry("/ws/v1/agui", ALL),
            Map.entry("/ws/v1/vms/nothing/logs", ALL),
            Map.entry("/ws/v1/vms/nothing/devtools", CHANGERS));

    @TempDir
    Path dir;

    private Cluster cluster;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir).with("VIBER_AUTH_GUESSES_PER_MINUTE", "1000");
        cluster.startGateway();
    }

    @AfterEach
    void stop() {
        http.shutdownNow();
        cluster.close();
    }

    @Test
    void everyRoleAtEveryRoute() throws Exception {
        Set<String> declared = new TreeSet<>();
        Routes.ALL.forEach(route -> declared.add(route.name()));
        assertThat(new TreeSet<>(ALLOWED.keySet()))
                .as("every route has its expectation")
                .isEqualTo(declared);

        Map<String, String> callers = callers();
        Map<String, String> wrong = new TreeMap<>();
        int tried = 0;
        for (Map.Entry<String, String> caller : callers.entrySet()) {
            for (Route<?, ?> route : Routes.ALL) {
                boolean body = route.request().raw() != Void.class;
                int status = status(route.method().name(), Routes.BASE + path(route), caller.getValue(), body);
                note(wrong, caller.getKey(), route.name(), ALLOWED.get(route.name()), status);
                tried++;
            }
            for (Map.Entry<String, String> path : BESIDE.entrySet()) {
                int status = status("GET", path.getKey(), caller.getValue(), false);
                note(wrong, caller.getKey(), path.getKey(), path.getValue(), status);
                tried++;
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(tried).isEqualTo(callers.size() * (ALLOWED.size() + BESIDE.size()));
    }

    private static void note(Map<String, String> wrong, String caller, String what, String allowed, int status) {
        boolean known = List.of("owner", "operator", "viewer", "viber").contains(caller);
        String told;
        if (allowed.equals("everyone") || List.of(allowed.split(" ")).contains(caller)) {
            told = status == 401 || status == 403 || status >= 500 ? "should be let through" : "";
        } else if (!known) {
            told = status == 401 ? "" : "should be 401";
        } else if (allowed.isEmpty()) {
            told = status == 404 ? "" : "should be 404";
        } else {
            told = status == 403 ? "" : "should be 403";
        }
        if (!told.isEmpty()) {
            wrong.put(caller + " at " + what, told + ", is " + status);
        }
    }

    private Map<String, String> callers() throws Exception {
        Rest owner = cluster.rest();
        Map<String, String> callers = new LinkedHashMap<>();
        callers.put("none", null);
        callers.put("unknown", "vbr_00_unknown");
        callers.put("garbage", "\u00e4".repeat(300));
        for (String role : List.of("viewer", "operator", "owner")) {
            callers.put(role, token(owner, Map.of("role", role)));
        }
        callers.put("viber", cluster.issueToken("box").path("token").asString());
        JsonNode revoked = owner.post("/tokens", Map.of("role", "owner")).expect(201);
        owner.send("DELETE", "/tokens/" + revoked.path("id").asString(), null, Map.of())
                .expect(204);
        callers.put("revoked", revoked.path("token").asString());
        JsonNode rotated = owner.post("/tokens", Map.of("role", "owner")).expect(201);
        owner.post("/tokens/" + rotated.path("id").asString() + "/rotate", Map.of())
                .expect(200);
        callers.put("rotated away", rotated.path("token").asString());
        String brief = token(owner, Map.of("role", "owner", "expiresIn", 1));
        int last = Patience.until(() -> status("GET", Routes.BASE + "/vibers", brief, false), status -> status == 401);
        assertThat(last).isEqualTo(401);
        callers.put("expired", brief);
        return callers;
    }

    private static String token(Rest owner, Map<String, Object> request) throws Exception {
        return owner.post("/tokens", request).expect(201).path("token").asString();
    }

    private static String path(Route<?, ?> route) {
        String path = route.path();
        for (Parameter parameter : route.parameters()) {
            path = path.replace("{" + parameter.name() + "}", "no-such");
        }
        return path;
    }

    private int status(String method, String path, String token, boolean body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cluster.port() + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (body) {
            request.header("Content-Type", "application/json");
        }
        request.method(method, body ? BodyPublishers.ofString("{\"x\":") : BodyPublishers.noBody());
        // A stream is answered before it has anything to say.
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        response.body().close();
        return response.statusCode();
    }

    @Test
    void guessesAreStoppedAndNoLimitOfTheirsStopsTheOwner() throws Exception {
        cluster.close();
        cluster.with("VIBER_AUTH_GUESSES_PER_MINUTE", "5");
        cluster.startGateway();
        cluster.rest().get("/vibers").expect(200);
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            statuses.add(status("GET", Routes.BASE + "/vibers", "vbr_" + i + "_wrong", false));
        }
        assertThat(statuses.subList(0, 5)).containsOnly(401);
        assertThat(statuses.getLast()).isEqualTo(429);
        cluster.rest().get("/vibers").expect(200);
    }
}
