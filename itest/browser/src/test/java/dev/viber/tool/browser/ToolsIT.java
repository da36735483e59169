package dev.viber.tool.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.viber.api.browser.Browsers;
import dev.viber.api.tool.ToolException;
import dev.viber.browser.local.Chosen;
import dev.viber.browser.local.LocalBrowsers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tools on a real Chrome, as a model uses them: it reads, and acts on what it read by reference. */
class ToolsIT {
    private static final String PAGE = """
            <!doctype html><title>Shop</title>
            <h1>Welcome &amp; <em>hello</em></h1>
            <p>Read the <a href="/terms">terms of <b>use</b></a> first.<br>Then order.</p>
            <script>var unseen = 1</script><p style="display:none">hidden words</p>
            <ul><li>Apples<ul><li>red</li><li>green</li></ul></li><li>Pears</li></ul>
            <ol start="3"><li>three</li><li>four</li></ol>
            <table><tr><th>Kind</th><th>Price</th></tr><tr><td>Apple</td><td>1 | 2</td></tr></table>
            <pre>a  b
            c</pre><blockquote>wise</blockquote>
            <form onsubmit="document.title = 'sent ' + what.value + ' ' + size.value + ' ' + files.files.length; return false">
            <label>What <input id=what></label>
            <label>Size <select id=size><option value=s>Small<option value=l>Large</select></label>
            <label>Files <input id=files type=file multiple></label>
            <button>Send</button></form>
            <iframe src="/inner"></iframe>
            """;

    @TempDir
    Path dir;

    private HttpServer server;
    private LocalBrowsers local;
    private TaskBrowsers browsers;
    private Caller caller;
    private String site;

    @BeforeEach
    void begin() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String page = exchange.getRequestURI().getPath().equals("/inner")
                    ? "<button onclick=\"this.textContent = 'pressed'\">Inside</button>"
                    : PAGE;
            byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        int port = server.getAddress().getPort();
        site = "http://127.0.0.1:" + port;
        local = Chosen.browsers(
                Map.of("folder", dir.resolve("b").toString(), "home", System.getProperty("viber.home"), "sessions", 1));
        browsers = tools(port);
        caller = new Caller("task-1", Files.createDirectories(dir.resolve("workspace")), browsers);
    }

    private TaskBrowsers tools(int port) {
        TaskBrowsers made = new TaskBrowsers(Chosen.of(
                Settings.class,
                Map.of(
                        "profiles",
                        dir.resolve("profiles").toString(),
                        "egress",
                        new String[] {"127.0.0.1:" + port},
                        "service_patience_ms",
                        1_000L)));
        made.bindBrowsers(local, Map.of(Browsers.KIND, "local"));
        return made;
    }

    @AfterEach
    void end() {
        browsers.close();
        Chosen.close(local);
        server.stop(0);
    }

    private static ProcessHandle chrome() {
        return ProcessHandle.current()
                .descendants()
                .filter(each -> {
                    try {
                        String line = Files.readString(
                                Path.of("/proc/" + each.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
                        return line.contains("--remote-debugging-") && !line.contains("--type=");
                    } catch (IOException e) {
                        return false;
                    }
                })
                .reduce((_, last) -> last) // before it come those that lead to it
                .orElseThrow();
    }

    @Test
    void readsAndActsByReference() throws Exception {
        assertThat(caller.call("open", "url", site + "/"))
                .containsEntry("title", "Shop")
                .containsEntry("status", 200)
                .doesNotContainKey("fresh");
        String what = caller.ref("textbox \"What\"");
        caller.call("type", "ref", what, "text", "plums", "clear", true);
        assertThat(caller.call("select", "ref", caller.ref("combobox \"Size\""), "values", List.of("Large")))
                .containsEntry("selected", List.of("l"));
        Files.writeString(dir.resolve("workspace/list.txt"), "plums");
        assertThat(caller.call("upload", "ref", caller.ref("button \"Files"), "paths", List.of("list.txt")))
                .containsEntry("bytes", 5L);
        assertThatThrownBy(() -> caller.call("upload", "ref", what, "paths", List.of("../b")))
                .hasMessageContaining("outside of the folders");
        assertThat(caller.call("click", "ref", caller.ref("button \"Send\""))).containsEntry("title", "sent plums l 1");
        caller.call("press", "ref", what, "keys", "Control+a Delete");
        assertThat(caller.call("evaluate", "expression", "Promise.resolve([what.value, size.value])"))
                .containsEntry("value", List.of("", "l"));

        // In a frame, too, of which the tree tells.
        String inside = caller.ref("button \"Inside\"");
        caller.call("click", "ref", inside);
        assertThat(caller.ref("button \"pressed\"")).isEqualTo(inside);

        caller.call("navigate", "to", "reload");
        assertThatThrownBy(() -> caller.call("click", "ref", what))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining(what)
                .hasMessageContaining("read the page again");
        assertThatThrownBy(() -> caller.call("click")).hasMessageContaining("either 'ref' or 'selector'");
        for (String each : List.of("file:///etc/passwd", "chrome://settings", "view-source:" + site, "javascript:1")) {
            assertThatThrownBy(() -> caller.call("open", "url", each)).hasMessageContaining(each);
        }
        caller.call("screenshot", "name", "shop.jpg", "format", "jpeg");
        assertThat(caller.artifact("shop.jpg")).startsWith(0xff, 0xd8);
        assertThatThrownBy(() -> caller.call("wait", "selector", "#none", "timeoutMs", 300L))
                .hasMessageContaining("#none");
    }

    @Test
    void readsAsMarkdown() throws Exception {
        caller.call("open", "url", site + "/");
        assertThat(String.valueOf(caller.call("read", "as", "markdown").get("markdown")))
                .startsWith("""
                        # Welcome & *hello*

                        Read the [terms of **use**](%s/terms) first.
                        Then order.

                        - Apples
                          - red
                          - green
                        - Pears

                        3. three
                        4. four

                        | Kind | Price |
                        | --- | --- |
                        | Apple | 1 \\| 2 |

                        ```
                        a  b
                        c
                        ```

                        > wise
                        """.formatted(site))
                .doesNotContain("unseen", "hidden words");
        assertThat(caller.call("read", "as", "text", "selector", "h1").get("text"))
                .isEqualTo("Welcome & hello");
        assertThat(caller.call("read", "as", "markdown", "limit", 100L)).containsEntry("truncated", true);
        assertThatThrownBy(() -> caller.call("read", "as", "text", "selector", "#none"))
                .hasMessageContaining("no element fits '#none'");
    }

    /** What a profile holds comes back in another browser; what a task's browser had become comes back in its next one. */
    @Test
    void bringsBackWhatAnotherBrowserHad() throws Exception {
        caller.call("open", "url", site + "/");
        caller.call(
                "evaluate",
                "expression",
                "localStorage.setItem('cart', '3 plums'), document.cookie = 'who=ada; max-age=600', 1");
        caller.call("profile.save", "name", "shop");
        assertThat(caller.call("close")).containsEntry("closed", true);
        assertThat(local.list()).isEmpty();

        String seen = "localStorage.getItem('cart') + ' ' + document.cookie";
        caller.call("open", "url", site + "/");
        assertThat(caller.call("evaluate", "expression", seen)).containsEntry("value", "null ");
        assertThat(caller.call("profile.load", "name", "shop")).containsEntry("cookies", 1);
        assertThat(caller.call("evaluate", "expression", seen)).containsEntry("value", "3 plums who=ada");
        assertThatThrownBy(() -> caller.call("profile.load", "name", "shoe"))
                .hasMessageContaining("there is no profile 'shoe'; there are [shop]");

        local.release("task-1").getValue();
        Map<String, Object> later = caller.call("evaluate", "expression", seen);
        assertThat(later)
                .containsEntry("value", "3 plums who=ada")
                .containsEntry("fresh", true)
                .containsEntry("restored", site + "/");
        assertThat(caller.call("evaluate", "expression", seen)).doesNotContainKey("fresh");

        // Within its session Chrome is killed, and started again.
        assertThat(chrome().destroyForcibly()).isTrue();
        assertThat(caller.call("read", "as", "text"))
                .containsEntry("fresh", true)
                .containsEntry("restored", site + "/")
                .containsEntry("url", site + "/");
        assertThat(caller.call("evaluate", "expression", seen))
                .containsEntry("value", "3 plums who=ada")
                .doesNotContainKey("fresh");

        // The tools are replaced: the browser is the same.
        browsers.close();
        browsers = tools(server.getAddress().getPort());
        caller = new Caller("task-1", dir.resolve("workspace"), browsers);
        assertThat(caller.call("evaluate", "expression", seen)).doesNotContainKey("fresh");
        assertThat(browsers.tasks()).containsExactly("task-1");
        assertThat(browsers.giveBack("task-1")).isTrue();
        assertThat(browsers.tasks()).isEmpty();
        assertThat(local.list()).isEmpty();

        browsers.unbindBrowsers(local, Map.of(Browsers.KIND, "local"));
        assertThatThrownBy(() -> caller.call("open", "url", site + "/"))
                .hasMessageContaining("no service that has any came within 1 s");
    }
}
