package dev.viber.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.guest.Agent.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What happens to an agent while it runs: strangers, DevTools clients, new bundles, a Chrome that dies, a new identity. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AgentLifeIT {
    private static Pages pages;
    private static Init init;
    private static Agent agent;

    @BeforeAll
    static void start(@TempDir Path fresh) throws IOException {
        pages = new Pages();
        init = new Init(fresh.resolve("init.sock"));
        agent = Agent.start(
                fresh, Map.of("VIPER_CONTROL_SOCKET", fresh.resolve("init.sock").toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        agent.close();
        init.close();
        pages.close();
    }

    @Test
    void letsNobodyInWithoutTheToken() throws Exception {
        HttpClient client = agent.client();
        for (String path : new String[] {"/v1/tabs", "/v1/bundles", "/v1/logs/stream", "/v1/devtools", "/"}) {
            for (String token :
                    new String[] {null, "Bearer", "Bearer wrong", "Basic " + Agent.TOKEN, "Bearer " + Agent.TOKEN + "x"
                    }) {
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(agent.api() + path));
                if (token != null) {
                    request.header("Authorization", token);
                }
                assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode())
                        .as(path + token)
                        .isEqualTo(401);
            }
        }
        HttpResponse<String> health = client.send(
                HttpRequest.newBuilder(URI.create(agent.api() + "/healthz")).build(), BodyHandlers.ofString());
        assertThat(health.statusCode()).isEqualTo(200);
        JsonNode body = Agent.JSON.readTree(health.body());
        assertThat(body.get("uptime").asString()).endsWith("s");
        assertThat(body.at("/chrome/sandbox").isBoolean()).isTrue();

        assertThat(devToolsStatus("GET /json/version HTTP/1.1\r\nHost: x\r\n\r\n"))
                .contains(" 401 ");
        assertThat(devToolsStatus("nonsense\r\n\r\n")).contains(" 400 ");
        assertThat(client.newWebSocketBuilder()
                        .buildAsync(agent.webSocket("/devtools/browser/x"), new WebSocket.Listener() {})
                        .handle((_, e) -> e instanceof CompletionException c ? c.getCause() : e)
                        .join())
                .isInstanceOf(WebSocketHandshakeException.class);
    }

    @Test
    void servesDevTools() throws Exception {
        JsonNode facts = agent.get("/v1/devtools").ok().body();
        assertThat(facts.get("port").asInt()).isEqualTo(agent.devTools().getPort());
        assertThat(facts.get("browser_version").asString()).contains("Chrome/");
        // A name that Chrome would refuse, and an origin.
        String answer = devToolsAnswer(
                "GET /json/version HTTP/1.1\r\nHost: some.name:1\r\nOrigin: http://x\r\nAuthorization: Bearer "
                        + Agent.TOKEN + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("webSocketDebuggerUrl");
        String opened = devToolsAnswer("PUT /json/new?about:blank HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
                + Agent.TOKEN + "\r\n\r\n");
        String id = Agent.JSON
                .readTree(opened.substring(opened.indexOf("\r\n\r\n")))
                .get("id")
                .asString();
        agent.post("/v1/browser/navigate", "url", pages.url("/one"), "tab", id).ok();
        agent.delete("/v1/tabs/" + id).ok();
        try (Session session = new Session(agent, facts.get("websocket_path").asString())) {
            assertThat(session.call("Browser.getVersion").at("/result/product").asString())
                    .isEqualTo(facts.get("browser_version").asString());
        }
    }

    @Test
    void tellsItsLogFromTheBeginningAndFromAPlace() throws Exception {
        agent.post("/v1/browser/navigate", "url", pages.url("/two")).ok();
        String last;
        try (BufferedReader stream = log(null)) {
            assertThat(untilLine(stream, "navigate: done")).contains("\"stream\":\"agent\"", "\"timestamp\":");
            last = untilLine(stream, "");
        }
        try (BufferedReader stream = log("0")) {
            assertThat(untilLine(stream, "id:")).isEqualTo("id: 1");
            assertThat(untilLine(stream, "DevTools listening")).contains("\"stream\":\"browser\"");
        }
        assertThat(last).isEmpty();
        HttpResponse<String> whole = agent.client()
                .send(agent.request("/v1/logs/stream?follow=false").build(), BodyHandlers.ofString());
        assertThat(whole.body()).contains("id: 1\n", "navigate: done").endsWith("\n\n");
        assertThat(agent.client()
                        .send(agent.request("/v1/logs/stream?follow=no").build(), BodyHandlers.ofString())
                        .body())
                .contains("wanted follow=true or follow=false");
        agent.post("/v1/script/evaluate", "expression", "console.log('to the log')")
                .ok();
        try (BufferedReader stream = log("3")) {
            assertThat(untilLine(stream, "id:")).isEqualTo("id: 4");
            assertThat(untilLine(stream, "to the log")).contains("\"stream\":\"console\"");
        }
    }

    @Test
    void startsChromeAnewWhenItDies() throws Exception {
        agent.post("/v1/browser/navigate", "url", pages.url("/one")).ok();
        long pid = agent.health().at("/chrome/pid").asLong();
        CompletableFuture<Answer> waits = agent.postLater("/v1/browser/wait-navigation", "timeout_ms", 120_000);
        agent.value("1");
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
        waits.join().failed(502, "chrome_gone");
        assertThat(init.next("event name=chrome-died")).contains("exit%20code", "restart-ms=250");
        assertThat(init.next("event name=chrome-healed")).contains("start=");
        String ready = init.next("ready ");
        assertThat(ready)
                .contains("websocket-path=/devtools/browser/", "agent-port=", "browser=Chrome/", "user-agent=Mozilla");
        agent.post("/v1/browser/navigate", "url", pages.url("/two")).ok();
        assertThat(agent.health().at("/chrome/pid").asLong()).isNotEqualTo(pid);
    }

    @Test
    void endsWhereItCannotListen() throws Exception {
        ProcessBuilder second =
                new ProcessBuilder(System.getProperty("viber.home") + "/bin/viper-agent").redirectErrorStream(true);
        second.environment().put("VIBER_JAVA_HOME", System.getProperty("java.home"));
        second.environment().put("VIPER_AGENT_LISTEN_ADDR", agent.api().substring("http://".length()));
        Process process = second.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(1);
        assertThat(output).contains("cannot listen on", "AgentListener did not come up");
    }

    @Test
    void isReadyAgainAfterANewIdentity() throws Exception {
        agent.post("/v1/browser/navigate", "url", pages.url("/one")).ok();
        agent.value("document.cookie = 'user=anna'");
        init.say("identity address=10.0.0.7/24 hostname=fork-7");
        String first = init.next("ready ");
        init.say("identity address=10.0.0.8/24 hostname=fork-8");
        assertThat(instance(init.next("ready "))).isNotEqualTo(instance(first));
        try (BufferedReader stream = log(null)) {
            assertThat(untilLine(stream, "new identity")).contains("fork-7");
        }
        // The page is as it was, and as much logged in.
        assertThat(agent.value("document.title").asString()).isEqualTo("One");
        assertThat(agent.value("document.cookie").asString()).contains("user=anna");
        agent.post("/v1/browser/navigate", "url", pages.url("/two")).ok();
    }

    private static UUID instance(String ready) {
        return UUID.fromString(ready.replaceFirst(".* instance=(\\S+).*", "$1"));
    }

    private static String devToolsStatus(String request) throws IOException {
        return devToolsAnswer(request).lines().findFirst().orElse("");
    }

    private static String devToolsAnswer(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), agent.devTools().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static BufferedReader log(String lastEventId) throws Exception {
        HttpRequest.Builder request = agent.request("/v1/logs/stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> answer = agent.client().send(request.build(), BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    private static String untilLine(BufferedReader stream, String part) throws IOException {
        String line = stream.readLine();
        while (!line.contains(part)) {
            line = stream.readLine();
        }
        return line;
    }
}
