package dev.viber.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.guest.Agent.Answer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every call of the agent, on pages that are there to make it hard; wherever the agent is. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
public abstract class AgentCalls {
    private static final String BUNDLE = "dev.viber.browser.control";

    private final Agent agent;
    private final Pages pages;

    /**
     * @param agent one that nobody else uses
     * @param pages which its browser can reach
     */
    protected AgentCalls(Agent agent, Pages pages) {
        this.agent = agent;
        this.pages = pages;
    }

    @Test
    public void navigates() {
        Answer there =
                agent.post("/v1/browser/navigate", "url", pages.url("/one")).ok();
        assertThat(there.text("url")).isEqualTo(pages.url("/one"));
        assertThat(there.body().get("http_status").asInt()).isEqualTo(200);
        agent.post("/v1/navigation/navigate", "url", pages.url("/two"), "wait_until", "networkidle")
                .ok();
        assertThat(agent.post("/v1/browser/back").ok().text("url")).isEqualTo(pages.url("/one"));
        assertThat(agent.post("/v1/browser/forward?timeout_ms=20000").ok().text("url"))
                .isEqualTo(pages.url("/two"));
        agent.post("/v1/browser/forward").failed(409, "no_history");
        agent.post("/v1/browser/reload", "ignore_cache", true).ok();
        assertThat(agent.get("/v1/browser/page").ok().text("title")).isEqualTo("Two");
        agent.post("/v1/browser/navigate", "url", pages.url("/two#there"), "timeout_ms", 20_000)
                .ok();

        agent.post("/v1/browser/navigate", "url", "http://127.0.0.1:9/").failed(502, "navigation_failed");
        agent.post("/v1/browser/navigate", "url", "no address").failed(400, "malformed");
        agent.post("/v1/browser/navigate", "url", pages.url("/silent"), "timeout_ms", 300)
                .failed(408, "timeout");
        agent.post("/v1/browser/navigate", "url", pages.url("/one"), "wait_until", "never")
                .failed(400, "malformed");
    }

    @Test
    public void aNavigationIsWaitedForBesideTheClickAndBehindIt() {
        agent.go(pages.url("/one"));
        CompletableFuture<Answer> beside = agent.postLater("/v1/browser/wait-navigation");
        agent.post("/v1/dom/click", "selector", "text=to two").ok();
        assertThat(beside.join().ok().text("url")).isEqualTo(pages.url("/two"));

        agent.go(pages.url("/one"));
        agent.post("/v1/dom/click", "selector", "a").ok();
        agent.post("/v1/dom/wait-selector", "selector", "xpath=//h1[text()='two']")
                .ok();
        assertThat(agent.post("/v1/browser/wait-navigation").ok().text("url")).isEqualTo(pages.url("/two"));
        agent.post("/v1/browser/wait-navigation", "timeout_ms", 200).failed(408, "timeout");
        agent.post("/v1/dom/click", "selector", "text=below").ok();
        assertThat(agent.post("/v1/browser/wait-navigation").ok().text("url")).endsWith("/two#below");
    }

    /** Nor is what else the tab does meanwhile taken for it, as the navigation of a call whose caller is gone. */
    @Test
    public void aNavigationIsOverWhenItsOwnDocumentIsThere() {
        agent.go(pages.url("/restless"));
        agent.go(pages.url("/slow"));
        assertThat(agent.get("/v1/browser/page").ok().text("title")).isEqualTo("Slow");
    }

    @Test
    public void looksAsTold() {
        agent.post("/v1/browser/viewport", "width", 500, "height", 400, "scale", 2)
                .ok();
        agent.post("/v1/browser/user-agent", "user_agent", "Test/1", "accept_language", "fr")
                .ok();
        agent.go(pages.url("/echo"));
        assertThat(agent.post("/v1/dom/get-text", "selector", "#e").ok().text("text"))
                .isEqualTo("Test/1|fr|500x400|2");
        agent.post("/v1/browser/viewport", "width", 0, "height", 400).failed(400, "malformed");
        agent.post("/v1/browser/user-agent").failed(400, "malformed");
        agent.post("/v1/browser/viewport", "width", 800, "height", 600).ok();
    }

    @Test
    public void capturesPages() {
        agent.go(pages.url("/canvas"));
        Answer shot = agent.post("/v1/browser/screenshot", "full_page", true, "format", "jpeg", "quality", 40)
                .ok();
        byte[] picture = Base64.getDecoder().decode(shot.text("data"));
        assertThat(picture).hasSize(shot.body().get("byte_length").asInt()).startsWith(0xff, 0xd8);
        assertThat(shot.text("captured_at")).isNotEmpty();
        Answer png = agent.post("/v1/browser/screenshot").ok();
        assertThat(png.text("format")).isEmpty();
        assertThat(Base64.getDecoder().decode(png.text("data"))).startsWith(0x89, 'P', 'N', 'G');
        agent.post("/v1/browser/screenshot", "format", "bmp").failed(400, "malformed");
        agent.post("/v1/browser/screenshot", "quality", 101).failed(400, "malformed");

        assertThat(new String(
                        Base64.getDecoder()
                                .decode(agent.post("/v1/browser/pdf", "landscape", true)
                                        .ok()
                                        .text("data")),
                        StandardCharsets.ISO_8859_1))
                .startsWith("%PDF-");
        agent.post("/v1/browser/pdf", "pages", "five").failed(400, "malformed");

        agent.go(pages.url("/form"));
        JsonNode tree = agent.post("/v1/browser/accessibility").ok().body().get("tree");
        assertThat(tree.get("role").asString()).isEqualTo("RootWebArea");
        assertThat(tree.toString()).contains("\"role\":\"button\",\"name\":\"Press me\"");
    }

    @Test
    public void doesThingsToElements() {
        agent.go(pages.url("/form"));
        agent.post("/v1/dom/click", "selector", "#b").ok();
        agent.post("/v1/dom/click", "selector", "text=Press me", "button", "right")
                .ok();
        agent.post("/v1/dom/click", "selector", "xpath=//button[@id='b']", "count", 2)
                .ok();
        agent.post("/v1/dom/hover", "selector", "#hover").ok();
        assertThat(agent.post("/v1/dom/get-text", "selector", "#log", "visible", true)
                        .ok()
                        .text("text"))
                .isEqualTo("leftrightleftleftdoubleover");

        agent.post("/v1/dom/type", "selector", "#name", "value", "er Ünal").ok();
        assertThat(agent.value("document.getElementById('name').value").asString())
                .isEqualTo("older Ünal");
        agent.post("/v1/dom/type", "selector", "#name", "value", "New", "clear", true)
                .ok();
        assertThat(agent.value("document.getElementById('name').value").asString())
                .isEqualTo("New");
        agent.post("/v1/dom/type", "selector", "#rich", "value", "text", "clear", true)
                .ok();
        assertThat(agent.post("/v1/dom/get-html", "selector", "#rich").ok().text("html"))
                .isEqualTo("text");
        agent.post("/v1/dom/focus", "selector", "#name").ok();
        assertThat(agent.value("document.activeElement.id").asString()).isEqualTo("name");
        agent.post("/v1/dom/select", "selector", "#pick", "values", List.of("Beta"))
                .ok();
        assertThat(agent.value("pick.value").asString()).isEqualTo("b");
        agent.post("/v1/dom/select", "selector", "#pick", "values", List.of("Gamma"))
                .failed(404, "no_such_option");

        Answer kind = agent.post("/v1/dom/get-attribute", "selector", "#b", "name", "data-kind")
                .ok();
        assertThat(kind.body()).isEqualTo(Agent.JSON.readTree("{\"value\":\"big\",\"exists\":true}"));
        assertThat(agent.post("/v1/dom/get-attribute", "selector", "#b", "name", "no")
                        .ok()
                        .body()
                        .get("exists")
                        .asBoolean())
                .isFalse();
        agent.post("/v1/dom/wait-selector", "selector", "#late", "visible", true)
                .ok();
        agent.value("late.remove()");
        agent.post("/v1/dom/wait-selector", "selector", "#late", "gone", true).ok();

        agent.post("/v1/dom/click", "selector", "#none", "timeout_ms", 200).failed(404, "no_such_element");
        agent.post("/v1/dom/click", "selector", "#covered", "timeout_ms", 200).failed(408, "timeout");
        agent.post("/v1/dom/wait-selector", "selector", "#none", "timeout_ms", 200)
                .failed(408, "timeout");
        agent.post("/v1/dom/click", "selector", "a[").failed(400, "bad_selector");
        agent.post("/v1/dom/click", "selector", "#b", "button", "fourth").failed(400, "malformed");
        agent.post("/v1/dom/type", "selector", "#pick", "values", "x").failed(400, "malformed");
    }

    @Test
    public void worksInFramesOfItsOwnAndOfOtherProcesses() {
        agent.go(pages.url("/frames"));
        agent.post("/v1/dom/wait-selector", "selector", "#i", "frame", "#far").ok();
        for (String frame : List.of("near", "#far")) {
            agent.post("/v1/dom/click", "selector", "#i", "frame", frame).ok();
            assertThat(agent.post("/v1/dom/get-text", "selector", "#i", "frame", frame)
                            .ok()
                            .text("text"))
                    .as(frame)
                    .isEqualTo("pressed");
            agent.post("/v1/dom/type", "selector", "#t", "value", "abc", "frame", frame)
                    .ok();
            assertThat(agent.post("/v1/script/evaluate", "expression", "t.value + document.title", "frame", frame)
                            .ok()
                            .text("result"))
                    .isEqualTo("abcInner");
            assertThat(agent.post("/v1/browser/accessibility", "frame", frame)
                            .ok()
                            .body()
                            .toString())
                    .contains("pressed");
        }
        JsonNode frames = agent.get("/v1/frames").ok().body().get("frames");
        assertThat(frames).hasSize(3);
        assertThat(frames.toString()).contains("\"own_process\":true");
        agent.post("/v1/dom/click", "selector", "#i", "frame", "#none", "timeout_ms", 200)
                .failed(404, "no_such_element");
        agent.post("/v1/dom/click", "selector", "#i", "frame", "div").failed(400, "no_frame");
    }

    /** What the tree names can be acted on by its name, as long as it is there, and is never taken for something else. */
    @Test
    public void actsOnWhatTheTreeNames() {
        agent.go(pages.url("/form"));
        String button = reference("button", "Press me");
        agent.post("/v1/dom/click", "selector", "ref=" + button).ok();
        assertThat(agent.post("/v1/dom/get-text", "selector", "#log").ok().text("text"))
                .isEqualTo("left");
        assertThat(reference("button", "Press me")).isEqualTo(button);
        agent.post("/v1/dom/click", "selector", "ref=12").failed(400, "bad_selector");

        agent.value("document.getElementById('b').remove()");
        agent.post("/v1/dom/click", "selector", "ref=" + button).failed(404, "no_such_ref");
        agent.post("/v1/dom/wait-selector", "selector", "ref=" + button, "gone", true)
                .ok();

        // The next document has nodes of the same numbers, for all that Chrome promises.
        agent.go(pages.url("/form"));
        String again = reference("button", "Press me");
        assertThat(again).isNotEqualTo(button);
        JsonNode refused = agent.post("/v1/dom/click", "selector", "ref=" + button)
                .failed(404, "no_such_ref")
                .body();
        assertThat(refused.get("error").asString()).contains(button).contains("read the page again");
        agent.post("/v1/dom/click", "selector", "ref=" + again).ok();
    }

    private String reference(String role, String name) {
        JsonNode tree = agent.post("/v1/browser/accessibility").ok().body().get("tree");
        for (JsonNode each : tree.findParents("ref")) {
            if (each.path("role").asString("").equals(role)
                    && each.path("name").asString("").equals(name)) {
                return each.get("ref").asString();
            }
        }
        throw new AssertionError("no " + role + " '" + name + "' with a reference: " + tree);
    }

    @Test
    public void answersDialogs() {
        agent.go(pages.url("/dialogs"));
        agent.post("/v1/dom/click", "selector", "#c").ok();
        assertThat(agent.value("document.title").asString()).isEqualTo("no");
        agent.post("/v1/dialogs/policy", "action", "accept", "text", "Ada").ok();
        agent.post("/v1/dom/click", "selector", "#c").ok();
        assertThat(agent.value("document.title").asString()).isEqualTo("yes");
        agent.post("/v1/dom/click", "selector", "#p").ok();
        assertThat(agent.value("document.title").asString()).isEqualTo("Ada");

        agent.post("/v1/dialogs/policy", "action", "hold").ok();
        Answer click = agent.post("/v1/dom/click", "selector", "#c").ok();
        assertThat(click.body().at("/dialog/message").asString()).isEqualTo("sure?");
        assertThat(agent.get("/v1/dialogs").ok().body().at("/open/type").asString())
                .isEqualTo("confirm");
        agent.post("/v1/dialogs/answer", "accept", true).ok();
        assertThat(agent.value("document.title").asString()).isEqualTo("yes");
        agent.post("/v1/script/evaluate", "expression", "alert('held')").failed(409, "dialog_open");
        agent.post("/v1/dialogs/answer", "accept", false).ok();
        agent.post("/v1/dialogs/answer", "accept", false).failed(409, "no_dialog");
        agent.post("/v1/dialogs/policy", "action", "ignore").failed(400, "malformed");
        agent.post("/v1/dialogs/policy", "action", "dismiss").ok();
    }

    @Test
    public void movesFilesInAndOut() throws Exception {
        agent.go(pages.url("/form"));
        Map<String, String> one = Map.of("name", "a.txt", "data", base64("first"));
        Map<String, String> two = Map.of("name", "b.txt", "data", base64("second"));
        agent.post("/v1/dom/upload", "selector", "#file", "files", List.of(one, two))
                .ok();
        agent.post("/v1/dom/wait-selector", "selector", "xpath=//pre[contains(., 'second')]")
                .ok();
        assertThat(agent.value("log.textContent").asString()).isEqualTo("a.txt=first;b.txt=second;");
        agent.post("/v1/dom/upload", "selector", "#file", "files", List.of(Map.of("name", "c", "data", "no base 64!")))
                .failed(400, "malformed");
        agent.value("document.getElementById('file').onchange = e => log.textContent = e.target.files[0].size");
        agent.post("/v1/dom/upload", "selector", "#file", "files", List.of(large(45 << 20)))
                .ok();
        assertThat(agent.value("log.textContent").asString()).isEqualTo(Integer.toString(45 << 20));
        agent.post("/v1/dom/upload", "selector", "#file", "files", List.of(large(49 << 20)))
                .failed(413, "too_large");
        agent.post("/v1/dom/upload", "selector", "#b", "files", List.of(one)).failed(409, "no_file_input");
        agent.post("/v1/dom/upload", "selector", "#file", "files", List.of(Map.of("name", "../x", "data", "")))
                .failed(400, "malformed");

        agent.go(pages.url("/files"));
        agent.post("/v1/dom/click", "selector", "#d").ok();
        JsonNode done = agent.post("/v1/downloads/wait").ok().body().get("download");
        assertThat(done.get("name").asString()).isEqualTo("fruit.txt");
        assertThat(done.get("state").asString()).isEqualTo("completed");
        String id = done.get("id").asString();
        HttpResponse<String> content = agent.client()
                .send(agent.request("/v1/downloads/" + id + "/content").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(content.body()).isEqualTo("pears\0apples");
        assertThat(agent.get("/v1/downloads").ok().body().toString()).contains(id);
        assertThat(agent.post("/v1/browser/navigate", "url", pages.url("/download"))
                        .ok()
                        .body()
                        .get("download")
                        .asBoolean())
                .isTrue();
        agent.post("/v1/downloads/wait").ok();
        agent.delete("/v1/downloads/" + id).ok();
        agent.delete("/v1/downloads/" + id).failed(404, "no_such_download");
        agent.post("/v1/downloads/wait", "timeout_ms", 100).failed(408, "timeout");
    }

    @Test
    public void evaluates() {
        agent.go(pages.url("/one"));
        assertThat(agent.value("({a: [1, 2.5, 'x', null, true]})").toString())
                .isEqualTo("{\"a\":[1,2.5,\"x\",null,true]}");
        assertThat(agent.value("undefined").isNull()).isTrue();
        assertThat(agent.value("null").isNull()).isTrue();
        assertThat(agent.value("1/0").asString()).isEqualTo("Infinity");
        assertThat(agent.value("12345678901234567890n").asString()).isEqualTo("12345678901234567890n");
        assertThat(agent.value("document.querySelector('h1')").asString()).isEqualTo("h1");
        assertThat(agent.value("(() => { const ring = {}; ring.self = ring; return ring; })()")
                        .asString())
                .isEqualTo("Object");
        assertThat(agent.post("/v1/script/evaluate", "expression", "Promise.resolve(7)", "await_promise", true)
                        .ok()
                        .body()
                        .get("result")
                        .asInt())
                .isEqualTo(7);

        Answer thrown = agent.post("/v1/script/evaluate", "expression", "(function named() { null.x })()")
                .failed(422, "javascript_exception");
        assertThat(thrown.text("error")).startsWith("TypeError: ");
        assertThat(thrown.text("stack")).contains("at named");
        agent.post("/v1/script/evaluate", "expression", "throw 'plain'").failed(422, "javascript_exception");
        agent.post("/v1/script/evaluate", "expression", "1 +").failed(422, "javascript_exception");
        agent.post("/v1/script/evaluate", "expression", "Promise.reject(new Error('later'))", "await_promise", true)
                .failed(422, "javascript_exception");
        agent.post("/v1/script/evaluate", "expression", "while (true) {}", "timeout_ms", 400)
                .failed(408, "timeout");
        agent.post(
                        "/v1/script/evaluate",
                        "expression",
                        "new Promise(() => {})",
                        "await_promise",
                        true,
                        "timeout_ms",
                        200)
                .failed(408, "timeout");
        assertThat(agent.value("1 + 1").asInt()).isEqualTo(2);
        agent.post("/v1/script/evaluate", "expression", "").failed(400, "malformed");
    }

    @Test
    public void carriesProfiles() {
        agent.go(pages.url("/one"));
        agent.post(
                        "/v1/profile/attach",
                        "cookies",
                        List.of(
                                Map.of("name", "here", "value", "1"),
                                Map.of(
                                        "name",
                                        "there",
                                        "value",
                                        "2",
                                        "domain",
                                        pages.foreignHost(),
                                        "http_only",
                                        true,
                                        "same_site",
                                        "strict",
                                        "expires",
                                        4_000_000_000.0)),
                        "local_storage",
                        Map.of("quote\"d", "it's\n\\ <b>"),
                        "session_storage",
                        Map.of("s", "t"))
                .ok();
        agent.go(pages.url("/two"));
        assertThat(pages.cookies("/two")).isEqualTo("here=1");
        JsonNode profile =
                agent.get("/v1/profile/extract?timeout_ms=20000").ok().body();
        assertThat(profile.at("/local_storage/quote\"d").asString()).isEqualTo("it's\n\\ <b>");
        assertThat(profile.at("/session_storage/s").asString()).isEqualTo("t");
        assertThat(profile.get("url").asString()).isEqualTo(pages.url("/two"));
        assertThat(profile.get("origin").asString()).isEqualTo(pages.url(""));
        JsonNode there = StreamSupport.stream(profile.get("cookies").spliterator(), false)
                .filter(each -> each.get("name").asString().equals("there"))
                .findFirst()
                .orElseThrow();
        assertThat(there.get("http_only").asBoolean()).isTrue();
        assertThat(there.get("same_site").asString()).isEqualTo("strict");
        assertThat(there.get("domain").asString()).isEqualTo(pages.foreignHost());
        agent.value("document.cookie = 'nameless'");
        JsonNode all = agent.get("/v1/profile/extract").ok().body().get("cookies");
        assertThat(all.toString()).contains("{\"name\":\"\",\"value\":\"nameless\"");
        agent.post("/v1/profile/attach", "cookies", all).ok();
        agent.post("/v1/profile/attach", "cookies", List.of(Map.of("value", "1")))
                .failed(400, "malformed");
        agent.post("/v1/profile/attach", "cookies", List.of(Map.of("name", "a", "colour", "1")))
                .failed(400, "malformed");
        Object[] stored = {
            "local_storage", Map.of("a", "b"), "session_storage", Map.of("c", "d"), "origin", pages.url("")
        };
        agent.go(pages.foreignUrl("/one"));
        agent.post("/v1/profile/attach", stored).failed(409, "other_origin");
        assertThat(agent.value("[localStorage.length, sessionStorage.length]").toString())
                .isEqualTo("[0,0]");
        agent.go(pages.url("/one"));
        agent.post("/v1/profile/attach", stored).ok();
        assertThat(agent.value("localStorage.a + sessionStorage.c").asString()).isEqualTo("bd");
        agent.go("about:blank");
        agent.post("/v1/profile/attach", "local_storage", Map.of("a", "b")).failed(409, "no_storage");
        agent.post("/v1/profile/attach", "cookies", List.of(Map.of("name", "a", "value", "b")))
                .failed(400, "malformed");
        assertThat(agent.get("/v1/profile/extract").ok().body().get("local_storage"))
                .isEmpty();
    }

    @Test
    public void keepsTabsApart() {
        String first = agent.get("/v1/tabs").ok().body().at("/tabs/0/id").asString();
        String second = agent.post("/v1/tabs", "url", pages.url("/popup")).ok().text("id");
        agent.post("/v1/browser/navigate", "url", pages.url("/one"), "tab", first)
                .ok();
        assertThat(agent.value("location.pathname").asString()).isEqualTo("/popup");
        agent.post("/v1/dom/click", "selector", "#w").ok();
        agent.post("/v1/tabs/" + first + "/activate").ok();
        assertThat(agent.value("location.pathname").asString()).isEqualTo("/one");
        agent.post("/v1/tabs/" + second + "/activate").ok();
        // The page that was opened by a click is a tab, and not the one that is meant from then on.
        String third = "";
        while (third.isEmpty()) {
            for (JsonNode each : agent.get("/v1/tabs").ok().body().get("tabs")) {
                if (each.get("opener").asString().equals(second)) {
                    third = each.get("id").asString();
                }
            }
        }
        agent.post("/v1/dom/wait-selector", "selector", "text=\"two\"", "tab", third)
                .ok();
        CompletableFuture<Answer> waits =
                agent.postLater("/v1/dom/wait-selector", "selector", "#never", "tab", third, "timeout_ms", 60_000);
        agent.post("/v1/script/evaluate", "expression", "1", "tab", third).ok();
        agent.post("/v1/tabs/" + third + "/close").ok();
        waits.join().failed(404, "no_such_tab");
        agent.delete("/v1/tabs/" + second).ok();
        agent.delete("/v1/tabs/" + second).failed(404, "no_such_tab");
        agent.post("/v1/browser/reload", "tab", second).failed(404, "no_such_tab");
        assertThat(agent.get("/v1/tabs").ok().body().get("tabs")).hasSize(1);
        agent.delete("/v1/tabs/" + first).ok();
        assertThat(agent.get("/v1/tabs").ok().body().get("tabs")).hasSize(1);
    }

    @Test
    public void recordsWhatPagesFetchAndWrite() {
        agent.go(pages.url("/one"));
        long network = agent.get("/v1/network").ok().body().get("last").asLong();
        agent.post("/v1/browser/navigate", "url", pages.url("/noise"), "wait_until", "networkidle")
                .ok();
        JsonNode requests =
                agent.get("/v1/network?after=" + network).ok().body().get("requests");
        JsonNode page = requests.get(0);
        assertThat(page.get("status").asInt()).isEqualTo(200);
        assertThat(page.get("url").asString()).isEqualTo(pages.url("/noise"));
        assertThat(requests.toString()).contains("\"status\":404");
        assertThat(agent.get("/v1/network/" + page.get("request_id").asString() + "/body")
                        .ok()
                        .text("body"))
                .contains("careful");
        agent.get("/v1/network/none/body").failed(404, "no_such_request");
        String console = agent.get("/v1/console?limit=50").ok().body().toString();
        assertThat(console).contains("hello ", "careful", "nobody caught me");
        agent.get("/v1/console?limit=many").failed(400, "malformed");
    }

    @Test
    public void pressesKeysAndButtons() {
        agent.go(pages.url("/canvas"));
        agent.post("/v1/input/mouse", "x", 50, "y", 60).ok();
        agent.post(
                        "/v1/input/mouse",
                        "action",
                        "click",
                        "x",
                        51,
                        "y",
                        60,
                        "button",
                        "right",
                        "modifiers",
                        List.of("Shift"))
                .ok();
        agent.post("/v1/input/mouse", "action", "down", "x", 10, "y", 10).ok();
        agent.post("/v1/input/mouse", "action", "move", "x", 12, "y", 10).ok();
        agent.post("/v1/input/mouse", "action", "up", "x", 12, "y", 10).ok();
        agent.post("/v1/input/drag", "from_x", 100, "from_y", 100, "to_x", 200, "to_y", 100, "steps", 4)
                .ok();
        agent.post("/v1/input/mouse", "action", "wheel", "x", 50, "y", 50, "delta_y", 240)
                .ok();
        agent.post("/v1/input/keys", "keys", "Control+Shift+k F5 + Control++").ok();
        String seen = agent.value("seen.join(' ')").asString();
        assertThat(seen).contains("mousedown:50,60,0", "click:50,60,0", "contextmenu:51,60,2+shift", "mouseup:12,10,0");
        assertThat(seen).contains("drag:125", "drag:200", "mouseup:200,100,0", "wheel:");
        assertThat(seen).contains("keydown:k+shift+ctrl", "keydown:F5", "keydown:+ ", "keydown:++ctrl");
        agent.post("/v1/input/keys", "keys", "Control+nokey").failed(400, "malformed");
        agent.post("/v1/input/keys").failed(400, "malformed");
        agent.post("/v1/input/mouse", "x", 1).failed(400, "malformed");

        agent.go(pages.url("/form"));
        agent.post("/v1/dom/focus", "selector", "#name").ok();
        agent.post("/v1/input/keys", "keys", "Control+a Delete", "text", "typed\t")
                .ok();
        assertThat(agent.value("document.getElementById('name').value").asString())
                .isEqualTo("typed");
        assertThat(agent.value("document.activeElement.id").asString()).isEqualTo("rich");
    }

    @Test
    public void refusesWhatItCannotRead() {
        agent.post("/v1/browser/navigate", "url", pages.url("/one"), "colour", "red")
                .failed(400, "malformed");
        agent.post("/v1/browser/navigate", "url", 7).failed(400, "malformed");
        agent.send("POST", "/v1/browser/navigate", HttpRequest.BodyPublishers.ofString("{\"url\":"))
                .join()
                .failed(400, "malformed");
        agent.send("POST", "/v1/browser/navigate", HttpRequest.BodyPublishers.ofString("[]"))
                .join()
                .failed(400, "malformed");
        agent.get("/v1/browser/navigate").failed(405, "method");
        agent.get("/v1/nothing").failed(404, "no_such_path");
        agent.get("/nothing").failed(404, "no_such_path");
    }

    private static Map<String, String> large(int bytes) {
        return Map.of("name", "large", "data", Base64.getEncoder().encodeToString(new byte[bytes]));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    public void takesANewBundleWhileSessionsStay(@TempDir Path folder) throws Exception {
        agent.post("/v1/browser/navigate", "url", pages.url("/two")).ok();
        Path jar = bundle();
        Path next = version(folder, jar, "9.9.9", null);
        try (Session session = new Session(agent, agent.get("/v1/devtools").ok().text("websocket_path"))) {
            session.call("Browser.getVersion");
            long chrome = agent.health().at("/chrome/pid").asLong();
            String before = bundles();
            CompletableFuture<Answer> update = agent.put("/v1/bundles/" + BUNDLE, next);
            // Called while the bundle is away or not, each is answered.
            while (!update.isDone()) {
                assertThat(agent.value("location.pathname").asString()).isEqualTo("/two");
            }
            assertThat(update.join().ok().body().at("/bundle/version").asString())
                    .isEqualTo("9.9.9");
            assertThat(before).contains(BUNDLE).doesNotContain("9.9.9");
            assertThat(bundles()).contains(BUNDLE + " 9.9.9 active");
            System.out.println("bundles before the update:\n" + before + "bundles after it:\n" + bundles());
            assertThat(agent.value("document.title").asString()).isEqualTo("Two");
            assertThat(session.call("Browser.getVersion").path("result").isObject())
                    .isTrue();
            assertThat(agent.health().at("/chrome/pid").asLong()).isEqualTo(chrome);

            // One that does not resolve: the last one comes back.
            Answer broken = agent.put("/v1/bundles/" + BUNDLE, version(folder, jar, "9.9.10", "no.such.package"))
                    .join()
                    .failed(409, "update_failed");
            assertThat(broken.text("error")).contains("no.such.package");
            assertThat(bundles()).contains(BUNDLE + " 9.9.9 active");
            assertThat(agent.value("document.title").asString()).isEqualTo("Two");
        }
        takesANewBundleBesideATabThatDoesNotAnswer(version(folder, jar, "9.9.11", null));
        agent.put("/v1/bundles/dev.viber.guest.chrome", next).join().failed(400, "bad_jar");
        agent.put("/v1/bundles/none", next).join().failed(404, "no_such_bundle");
        agent.put("/v1/bundles/dev.viber.guest.http", next).join().failed(409, "own_bundle");
        agent.put("/v1/bundles/" + BUNDLE, Files.writeString(folder.resolve("no.jar"), "no jar"))
                .join()
                .failed(400, "bad_jar");
    }

    private void takesANewBundleBesideATabThatDoesNotAnswer(Path next) throws IOException {
        String other = agent.get("/v1/tabs").ok().body().at("/tabs/0/id").asString();
        String endless = agent.post("/v1/tabs").ok().text("id");
        String page = pages.foreignUrl("/endless");
        agent.post("/v1/browser/navigate", "url", page, "tab", endless, "wait_until", "commit")
                .ok();
        agent.get("/v1/browser/page?timeout_ms=300&tab=" + endless).failed(408, "timeout");
        agent.put("/v1/bundles/" + BUNDLE, next).join().ok();
        assertThat(agent.get("/v1/tabs?timeout_ms=20000").ok().body().toString())
                .contains("/endless");
        agent.post("/v1/script/evaluate", "expression", "1", "tab", other, "timeout_ms", 20_000)
                .ok();
        agent.get("/v1/browser/page?timeout_ms=300&tab=" + endless).failed(408, "timeout");
        agent.delete("/v1/tabs/" + endless).ok();
    }

    private String bundles() {
        StringBuilder list = new StringBuilder();
        for (JsonNode each : agent.get("/v1/bundles").ok().body().get("bundles")) {
            list.append(each.get("symbolic_name").asString())
                    .append(' ')
                    .append(each.get("version").asString())
                    .append(' ')
                    .append(each.get("state").asString())
                    .append('\n');
        }
        return list.toString();
    }

    private static Path bundle() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("viber.home"), "bundles"))) {
            return files.filter(each -> each.getFileName().toString().startsWith(BUNDLE))
                    .filter(each -> each.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The same bundle under another version, which may import what there is not. */
    private static Path version(Path folder, Path jar, String version, String imported) throws IOException {
        Path out = folder.resolve(version + ".jar");
        try (JarFile from = new JarFile(jar.toFile())) {
            Manifest manifest = from.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            if (imported != null) {
                manifest.getMainAttributes()
                        .putValue(
                                "Import-Package",
                                manifest.getMainAttributes().getValue("Import-Package") + "," + imported);
            }
            try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(out), manifest)) {
                for (JarEntry each : from.stream().toList()) {
                    if (!each.getName().equals(JarFile.MANIFEST_NAME)) {
                        to.putNextEntry(new JarEntry(each.getName()));
                        from.getInputStream(each).transferTo(to);
                    }
                }
            }
        }
        return out;
    }
}
