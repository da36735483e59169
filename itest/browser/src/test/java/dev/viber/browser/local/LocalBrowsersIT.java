package dev.viber.browser.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.problem.ProblemException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real Chromes in namespaces of this machine: what they reach, how they live, and that nothing of them stays. */
class LocalBrowsersIT {
    @TempDir
    Path folder;

    private LocalBrowsers browsers;

    @BeforeEach
    void begin() throws IOException {
        browsers = browsers(Map.of());
    }

    @AfterEach
    void end() {
        browsers.close();
    }

    private LocalBrowsers browsers(Map<String, Object> more) throws IOException {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "folder", folder.resolve("b").toString(), "home", System.getProperty("viber.home"), "sessions", 3));
        settings.putAll(more);
        return new LocalBrowsers(Chosen.of(settings), null);
    }

    private static BrowserSession acquire(LocalBrowsers from, String id, String... egress) throws Exception {
        return acquire(from, id, Duration.ofMinutes(10), Duration.ofMinutes(1), egress);
    }

    private static BrowserSession acquire(
            LocalBrowsers from, String id, Duration limit, Duration patience, String... egress) throws Exception {
        try {
            return from.acquire(new BrowserRequest(id, limit, patience, null, List.of(egress)))
                    .getValue();
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Each try with the policy, and the same without it: whether it would get there at all is seen in the same run. */
    @Test
    void reachesTheInternetAndNothingElseUnlessAllowed() throws Exception {
        try (World world = new World();
                ServerSocket loopback = world.here("127.0.0.1");
                ServerSocket loopback6 = world.here("::1")) {
            Hand held = new Hand(acquire(browsers, "held"));
            int port = loopback.getLocalPort();
            Hand open = new Hand(acquire(
                    browsers,
                    "open",
                    "10.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "100.64.0.0/10",
                    "fd00::/8",
                    "127.0.0.1:" + port,
                    "[::1]:" + loopback6.getLocalPort(),
                    "198.51.99.1:" + port));
            assertThat(held.go("http://public.test/page-1")).isEqualTo("welcome to /page-1");
            assertThat(held.go("http://8.8.4.4/page-2")).isEqualTo("welcome to /page-2");
            assertThat(held.go("http://[2600:77::2]/page-3")).isEqualTo("welcome to /page-3");
            // Of its two addresses the public one is taken, however often it is asked.
            for (int i = 0; i < 4; i++) {
                assertThat(held.go("http://both.test/both-" + i)).isEqualTo("welcome to /both-" + i);
            }
            assertThat(world.seen()).noneMatch(each -> each.startsWith("10.1.2.3"));

            Map<String, String> pages = new LinkedHashMap<>();
            pages.put("private", "http://10.1.2.3/");
            pages.put("private-by-name", "http://private.test/");
            pages.put("link-local", "http://169.254.169.254/");
            pages.put("link-local-by-name", "http://metadata.test/");
            pages.put("private-172", "http://172.16.9.9/");
            pages.put("private-192", "http://192.168.77.7/");
            pages.put("shared", "http://100.64.1.1/");
            pages.put("private-v6", "http://[fd00:77::2]/");
            pages.put("loopback", "http://127.0.0.1:" + port + "/");
            pages.put("loopback-as-number", "http://2130706433:" + port + "/");
            pages.put("localhost", "http://localhost:" + port + "/");
            pages.put("loopback-by-name", "http://loopback.test:" + port + "/");
            pages.put("loopback-v6", "http://[::1]:" + loopback6.getLocalPort() + "/");
            pages.put("loopback-mapped", "http://[::ffff:127.0.0.1]:" + port + "/");
            for (Map.Entry<String, String> each : pages.entrySet()) {
                String url = each.getValue() + each.getKey();
                String redirect = "http://public.test/redirect?to="
                        + URLEncoder.encode(each.getValue() + each.getKey() + "-redirected", StandardCharsets.UTF_8);
                held.go(url);
                held.go(redirect);
                assertThat(world.saw(each.getKey()))
                        .as("%s with the policy", each)
                        .isFalse();
                assertThat(world.saw(each.getKey() + "-redirected")).isFalse();
                assertThat(open.go(url)).as("%s without", each).isEqualTo("welcome to /" + each.getKey());
                assertThat(open.go(redirect)).isEqualTo("welcome to /" + each.getKey() + "-redirected");
                assertThat(world.sees(each.getKey() + "-redirected")).isTrue();
            }
            assertThat(held.go("http://10.1.2.3/")).contains("Refused by the egress policy", "10.1.2.3");

            String socket = "new Promise(done => { const s = new WebSocket('ws://%s/socket-%s');"
                    + " s.onmessage = m => done(m.data); s.onerror = () => done('refused'); })";
            for (String each : List.of("10.1.2.3", "127.0.0.1:" + port)) {
                held.go("http://public.test/");
                // Same kind of address, so that Chrome itself has nothing against it.
                open.go("http://" + each + "/");
                String mark = Integer.toString(each.hashCode() & 0xffff);
                assertThat(held.value(socket.formatted(each, mark)).asString()).isEqualTo("refused");
                assertThat(world.saw("socket-" + mark)).isFalse();
                assertThat(open.value(socket.formatted(each, mark)).asString()).isEqualTo("hi");
                assertThat(world.sees("socket-" + mark)).isTrue();
            }
            held.go("http://public.test/");
            assertThat(held.value(socket.formatted("public.test", "public")).asString())
                    .isEqualTo("hi");
        }
    }

    /** No route leads out of its network, so what does not take the proxy gets nowhere. */
    @Test
    void hasNoNetworkButItsOwnLoopback() throws Exception {
        BrowserSession session = acquire(browsers, "alone");
        long process = Long.parseLong(session.host().replace("process ", ""));
        long inside = ProcessHandle.of(process)
                .orElseThrow()
                .children()
                .findFirst()
                .orElseThrow()
                .pid();
        assertThat(World.said("nsenter", "-t", Long.toString(inside), "-n", "ip", "-o", "link"))
                .hasLineCount(1)
                .contains("lo:");
        assertThat(World.said("nsenter", "-t", Long.toString(inside), "-n", "ip", "route"))
                .isEmpty();
        assertThat(new Hand(session)
                        .get("/healthz")
                        .get("chrome")
                        .get("sandbox")
                        .asBoolean())
                .as("Chrome's own sandbox")
                .isTrue();
        String status = Files.readString(
                Path.of("/proc/" + new Descendants(process).agent() + "/status"), StandardCharsets.UTF_8);
        assertThat(status).contains("CapEff:\t0000000000000000").doesNotContain("Uid:\t0\t");
        // The viber's own is not to be seen in there, whoever asks.
        Hand hand = new Hand(session);
        assertThat(hand.go("file://" + folder.resolve("b"))).contains("ERR_FILE_NOT_FOUND");
        HttpClient http = HttpClient.newHttpClient();
        assertThat(http.send(
                                HttpRequest.newBuilder(URI.create(session.agent() + "/v1/browser/page"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .as("without the token")
                .isEqualTo(401);
        assertThat(http.send(
                                HttpRequest.newBuilder(URI.create(session.devtools() + "/json/version"))
                                        .header("Authorization", "Bearer " + session.token())
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body())
                .contains("Chrome/");
    }

    /** A viber that was killed leaves its browsers; the next one has them again, with the page that was open. */
    @Test
    void isFoundAgain() throws Exception {
        BrowserSession before = acquire(browsers, "task-1", Duration.ofMinutes(10), Duration.ofMinutes(1));
        new Hand(before).go("data:text/html,<title>kept</title><p>still here</p>");
        browsers.close(false);

        browsers = browsers(Map.of());
        assertThat(browsers.list()).containsExactly(before);
        BrowserSession after = acquire(browsers, "task-1");
        assertThat(after).isEqualTo(before);
        assertThat(new Hand(after).value("document.title").asString()).isEqualTo("kept");

        // What was killed as a whole is another one, under the same id.
        long process = Long.parseLong(after.host().replace("process ", ""));
        ProcessHandle handle = ProcessHandle.of(process).orElseThrow();
        handle.destroyForcibly();
        handle.onExit().get(10, TimeUnit.SECONDS);
        BrowserSession other = acquire(browsers, "task-1");
        assertThat(other.since()).isAfter(after.since());
        assertThat(new Hand(other).value("document.title").asString()).isEmpty();
    }

    /** A viber that was killed and does not come back leaves nothing for good. */
    @Test
    void endsWithoutAHost() throws Exception {
        browsers.close();
        browsers = browsers(Map.of("orphan_ms", 2_000L));
        BrowserSession session = acquire(browsers, "orphan");
        ProcessHandle handle = ProcessHandle.of(Long.parseLong(session.host().replace("process ", "")))
                .orElseThrow();
        browsers.close(false);
        handle.onExit().get(30, TimeUnit.SECONDS);
        assertThat(processes()).isEmpty();
        browsers = browsers(Map.of());
        assertThat(browsers.list()).isEmpty();
        assertThat(Place.all(folder.resolve("b"))).isEmpty();
    }

    @Test
    void endsAtItsLimitAndQueuesWhereAllAreTaken() throws Exception {
        browsers.close();
        browsers = browsers(Map.of("sessions", 1));
        BrowserSession first = acquire(browsers, "first", Duration.ofSeconds(6), Duration.ofMinutes(1));
        assertThatThrownBy(() -> acquire(browsers, "second", Duration.ofMinutes(1), Duration.ofSeconds(1)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("all 1 browsers of this machine are taken");
        BrowserSession second = acquire(browsers, "second");
        assertThat(second.since()).isAfter(first.until().minusSeconds(1));
        assertThat(browsers.list()).containsExactly(second);
        assertThatThrownBy(() -> acquire(browsers, "third", "10.0.0.0/99"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("10.0.0.0/99");
    }

    @Test
    void isThereAtOnceWhereOneIsKeptWarm() throws Exception {
        browsers.close();
        browsers = browsers(Map.of("warm", 1));
        browsers.release(acquire(browsers, "first").id()).getValue();
        // The next warm one is on its way; what asks now has that one.
        acquire(browsers, "second");
        while (browsers.warmReady() < 1) {
            Thread.sleep(50);
        }
        List<Long> there = processes();
        long begun = System.nanoTime();
        BrowserSession third = acquire(browsers, "third");
        System.out.println("a warm browser was had in " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        assertThat(there)
                .as("it was there before")
                .contains(Long.parseLong(third.host().replace("process ", "")));
        assertThat(new Hand(third).value("1 + 1").asInt()).isEqualTo(2);
    }

    @Test
    void leavesNothingBehind() throws Exception {
        // What is loaded once is loaded before anything is counted.
        browsers.release(acquire(browsers, "before").id()).getValue();
        System.gc();
        long descriptors = descriptors();
        long begun = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            BrowserSession session = acquire(browsers, "task-" + i);
            assertThat(new Hand(session).value("6 * 7").asInt()).isEqualTo(42);
            browsers.release(session.id()).getValue();
            assertThat(processes()).as("after session %d", i).isEmpty();
            assertThat(Place.all(folder.resolve("b"))).isEmpty();
        }
        System.out.println("10 sessions, begun and ended: " + (System.nanoTime() - begun) / 10_000_000 + " ms each");
        System.gc();
        assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 3);
        browsers.close();
        assertThat(processes()).isEmpty();
    }

    /** The same by a user who is not root. */
    @Test
    void worksForAnyUser() throws Exception {
        Path place = Files.createTempDirectory(Path.of("/tmp"), "vb");
        try {
            int user = 12_345;
            Files.setAttribute(place, "unix:uid", user);
            // The user need not be able to read where this build keeps its libraries.
            Path library = Files.createDirectory(place.resolve("lib"));
            for (String each : System.getProperty("java.class.path").split(":", -1)) {
                if (Files.exists(Path.of(each))) {
                    World.said(
                            "cp",
                            "-r",
                            each.replaceFirst("/$", "") + (Files.isDirectory(Path.of(each)) ? "/." : ""),
                            library.toString());
                }
            }
            World.said("chmod", "-R", "a+rX", library.toString());
            Process process = new ProcessBuilder(
                            "setpriv",
                            "--reuid=" + user,
                            "--regid=" + user,
                            "--clear-groups",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            library + ":" + library + "/*",
                            AsUser.class.getName(),
                            place.toString(),
                            System.getProperty("viber.home"))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said).contains("title: by any user", "sandbox: true", "refused: Refused by the egress policy");
            assertThat(process.waitFor()).isZero();
            try (Stream<Path> left = Files.list(place.resolve("b"))) {
                assertThat(left).isEmpty();
            }
        } finally {
            World.said("rm", "-rf", place.toString());
        }
    }

    /** The processes that have to do with this test's sessions. */
    private List<Long> processes() {
        String mark = folder.resolve("b") + "/";
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> Descendants.commandLine(pid).contains(mark))
                .toList();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
