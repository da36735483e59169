package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A task with a browser: its page stays open whatever is killed or replaced around it, and nothing of it stays behind. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BrowserIT {
    private static final String VIBER = "viber-surfer";
    private static final Path EXAMPLE = Path.of("../../docs/examples/browser.yaml");

    @TempDir
    Path dir;

    private Cluster cluster;
    private BrowserSite site;
    private String token;

    @BeforeEach
    void start() throws Exception {
        site = new BrowserSite();
        cluster = new Cluster(dir);
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
    }

    @AfterEach
    void stop() throws Exception {
        // In good order, so that browsers end with it.
        if (cluster.viber() != null && cluster.viber().isAlive()) {
            cluster.viber().terminate();
        }
        cluster.close();
        site.close();
    }

    private void startViber() throws Exception {
        cluster.startViber(VIBER, token, Map.of("VIBER_TOOL_BROWSER_EGRESS", "127.0.0.1:" + site.port()));
    }

    private String submit(String playbook, Map<String, ?> inputs) throws Exception {
        return cluster.rest()
                .post(
                        "/tasks",
                        Map.of(
                                "goal",
                                "order",
                                "viberId",
                                VIBER,
                                "options",
                                Map.of("playbook", playbook, "inputs", inputs)))
                .expect(201)
                .path("id")
                .asString();
    }

    private String submitExample() throws Exception {
        return submit(Files.readString(EXAMPLE), Map.of("site", site.url(), "user", "ada", "password", "pa55"));
    }

    @Test
    void aTaskKeepsItsPageOverKillsOfBothSidesAndUpdatesOfItsBundles() throws Exception {
        startViber();
        String task = submitExample();
        Sse events = new Sse(task);
        begun(events, "form");
        List<Long> before = browsers();
        assertThat(before).isNotEmpty();

        cluster.viber().kill();
        assertThat(browsers()).as("the browser outlives its viber").isEqualTo(before);
        startViber();
        site.let("order");

        begun(events, "done");
        cluster.killGateway();
        cluster.startGateway();

        Shell shell = new Shell(cluster.viberState(VIBER));
        update(shell, "dev.viber.browser.local", "0.1.1");
        // The call that waits for the receipt is in the tools: they go when it has ended.
        Thread update = Thread.ofVirtual().start(() -> {
            try {
                update(shell, "dev.viber.tool.browser", "0.1.2");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        site.let("done");
        update.join();
        assertThat(shell.bundle("dev.viber.tool.browser").row()).contains("0.1.2");
        assertThat(browsers()).isEqualTo(before);

        JsonNode ended = ended(task);
        assertThat(ended.path("phase").asString()).as("%s", ended).isEqualTo("completed");
        assertThat(site.requests())
                .as("each page was loaded once")
                .filteredOn(each -> each.endsWith("/login") || each.endsWith("/order") || each.endsWith("/done"))
                .containsExactly("GET /login", "POST /login", "GET /order", "POST /order", "GET /done");
        assertThat(site.orders()).containsExactly(Map.of("what", "Twelve apples", "size", "l"));
        assertThat(new String(artifact(task, "receipt.csv"), StandardCharsets.UTF_8))
                .isEqualTo(BrowserSite.RECEIPT);
        assertThat(artifact(task, "receipt.png")).startsWith(0x89, 'P', 'N', 'G');
        assertThat(ended.path("result").toString()).contains("It is **on its way**.");

        assertThat(Patience.until(this::browsers, List::isEmpty))
                .as("the browser ends with the task")
                .isEmpty();
        Path profiles = cluster.viberState(VIBER).resolve("profiles");
        for (Path each : List.of(cluster.viberState(VIBER).resolve("browsers"), profiles.resolve("tasks"))) {
            assertThat(Patience.until(() -> names(each), List::isEmpty))
                    .as("%s", each)
                    .isEmpty();
        }
        Path profile = profiles.resolve("named/shop");
        assertThat(new String(Files.readAllBytes(profile), StandardCharsets.ISO_8859_1))
                .doesNotContain("s3cret", "127.0.0.1");
        assertThat(Files.getPosixFilePermissions(profiles.resolve("key")).toString())
                .isEqualTo("[OWNER_READ, OWNER_WRITE]");

        // Who has the profile needs no login.
        String next = submit("""
                name: again
                steps:
                  - {id: load, tool: browser.profile.load, with: {name: shop}}
                  - {id: open, tool: browser.open, needs: [load], with: {url: "%s/order"}}
                  - {id: read, tool: browser.read, needs: [open]}
                outputs: {title: "${{ steps.open.result.title }}", tree: "${{ steps.read.result.tree }}"}
                """.formatted(site.url()), Map.of());
        assertThat(ended(next).path("result").toString()).contains("Order").contains("[ref=e");
    }

    /** Where the browser itself is gone, another one goes on from what it had become. */
    @Test
    void aLostBrowserIsMadeUpFor() throws Exception {
        startViber();
        String task = submitExample();
        begun(new Sse(task), "form");
        List<Long> before = browsers();
        // Between two calls, as a machine that runs out of memory does it: the call that waits is made again.
        before.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        site.let("order");
        site.let("done");
        JsonNode ended = ended(task);
        assertThat(ended.path("phase").asString()).as("%s", ended).isEqualTo("completed");
        assertThat(site.orders()).containsExactly(Map.of("what", "Twelve apples", "size", "l"));
        assertThat(site.requests().stream().filter(each -> each.equals("POST /login")))
                .as("the cookie came along")
                .hasSize(1);
        assertThat(site.requests().stream().filter(each -> each.equals("GET /order")))
                .as("the page was opened anew")
                .hasSize(2);
        assertThat(cluster.viber().log()).contains("goes on in another browser");
    }

    /** Waits until this step is at work: a click that is cut off would be asked about, a call that waits is made again. */
    private void begun(Sse events, String step) throws Exception {
        events.await(
                cluster.rest(),
                event -> event.data().findPath("step").asString("").equals(step)
                        && event.data().findPath("state").asString("").equals("started"));
    }

    private void update(Shell shell, String symbolicName, String version) throws Exception {
        Path newer = Jars.copy(Jars.ofDistribution(symbolicName), dir.resolve("jars"), version, Map.of());
        shell.run("update " + shell.bundle(symbolicName).id() + " " + newer.toUri());
        assertThat(shell.bundle(symbolicName).state()).isEqualTo("Active");
    }

    private JsonNode ended(String task) throws Exception {
        new Sse(task).followToEnd(cluster, event -> {});
        return cluster.rest().get("/tasks/" + task).expect(200);
    }

    private byte[] artifact(String task, String name) throws Exception {
        String owner =
                Files.readString(cluster.gatewayState().resolve("owner.token")).strip();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = http.send(
                    HttpRequest.newBuilder(URI.create(cluster.api() + "/tasks/" + task + "/artifacts/" + name))
                            .header("Authorization", "Bearer " + owner)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> String.valueOf(each.getFileName())).toList();
        }
    }

    /** The outermost processes of this viber's browsers. */
    private List<Long> browsers() {
        String mark = cluster.viberState(VIBER).resolve("browsers") + "/";
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(pid).contains(mark))
                .filter(pid -> commandLine(pid).startsWith("unshare"))
                .toList();
    }

    private static String commandLine(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)) {
            return String.join("\n", lines.toList());
        } catch (Exception e) {
            return "";
        }
    }
}
