package dev.viber.tool.browser;

import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is kept of a browser: files and pictures with the task, profiles with the viber. */
final class KeepingTools {
    private static final String NAME = """
            "name":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}""";

    private KeepingTools() {}

    static List<BrowserTool> of(TaskBrowsers browsers) {
        return List.of(
                new BrowserTool(
                        browsers,
                        "browser.download",
                        "Downloads a file into an artifact of the task: the one that a click on an element brings (ref or selector), that an address is (url), or, with neither, that the last action began.",
                        "",
                        Arguments.ELEMENT + """
                        ,"url":{"type":"string","minLength":1},
                        "name":{"type":"string","minLength":1,"description":"of the artifact; default the file's own"},
                        "type":{"type":"string","description":"its media type; default application/octet-stream"}""",
                        arguments -> arguments.get("url") != null,
                        KeepingTools::download),
                new BrowserTool(
                        browsers,
                        "browser.screenshot",
                        "Takes a picture of what is seen of the page, or of all of it (fullPage), into an artifact of the task.",
                        "",
                        """
                        "name":{"type":"string","minLength":1,"default":"screenshot.png","description":"of the artifact"},
                        "fullPage":{"type":"boolean","default":false},
                        "format":{"enum":["png","jpeg"],"default":"png"}""",
                        _ -> true,
                        KeepingTools::screenshot),
                new BrowserTool(
                        browsers,
                        "browser.profile.save",
                        "Keeps the browser's cookies, and address and storage of the page that is open, on this viber under a name, encrypted; for later tasks to load.",
                        "\"name\"",
                        NAME,
                        _ -> true,
                        (browser, arguments, _) -> {
                            Keepsake now = browser.keepsake();
                            browsers.keepsakes().save(arguments.text("name"), now);
                            return shown(arguments.text("name"), now);
                        }),
                new BrowserTool(
                        browsers,
                        "browser.profile.load",
                        "Puts a saved profile's cookies into the browser, opens its page and gives that its storage.",
                        "\"name\"",
                        NAME,
                        _ -> true,
                        (browser, arguments, _) -> {
                            Keepsake saved = browsers.keepsakes().saved(arguments.text("name"));
                            String lack = browser.take(saved);
                            Map<String, Object> out = shown(arguments.text("name"), saved);
                            if (lack != null) {
                                out.put("notRestored", lack);
                            }
                            return out;
                        }));
    }

    private static Map<String, Object> shown(String name, Keepsake keepsake) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", name);
        out.put("url", keepsake.url());
        out.put("cookies", keepsake.cookies());
        return out;
    }

    private static Map<String, Object> download(TaskBrowser browser, Arguments arguments, ToolContext context)
            throws IOException, ToolException, InterruptedException {
        if (arguments.has("url") && arguments.namesElement()) {
            throw new ToolException("wanted one of 'url' and an element, got both");
        }
        Map<String, Object> which = Map.of();
        if (arguments.has("url") || arguments.namesElement()) {
            // What began before was for another call, which may have given up.
            Object last = browser.get("/v1/downloads").get("last");
            which = last == null ? which : Map.of("after", last);
        }
        if (arguments.has("url")) {
            Map<String, Object> answer = browser.post("/v1/browser/navigate", Map.of("url", arguments.address()));
            if (!Boolean.TRUE.equals(answer.get("download"))) {
                throw new ToolException("'%s' is a page, not a file that is downloaded; it is open now"
                        .formatted(arguments.text("url")));
            }
        } else if (arguments.namesElement()) {
            browser.post("/v1/dom/click", arguments.element());
        }
        Object ended = browser.post("/v1/downloads/wait", which).get("download");
        Map<?, ?> file = ended instanceof Map<?, ?> members ? members : Map.of();
        if (!"completed".equals(file.get("state"))) {
            throw new ToolException(
                    "the download of %s is %s".formatted(file.get("url"), file.get("state")), true, null);
        }
        String path = "/v1/downloads/" + URLEncoder.encode(String.valueOf(file.get("id")), StandardCharsets.UTF_8);
        String name = arguments.has("name") ? arguments.text("name") : String.valueOf(file.get("name"));
        Map<String, Object> out = new LinkedHashMap<>();
        try (InputStream bytes = browser.bytes(path + "/content")) {
            out.putAll(context.artifact(name, type(arguments, "application/octet-stream"), bytes));
        }
        out.put("url", file.get("url"));
        browser.delete(path);
        return out;
    }

    private static Map<String, Object> screenshot(TaskBrowser browser, Arguments arguments, ToolContext context)
            throws IOException, ToolException, InterruptedException {
        String format = arguments.has("format") ? arguments.text("format") : "png";
        Map<String, Object> answer = browser.post(
                "/v1/browser/screenshot", Map.of("format", format, "full_page", arguments.truth("fullPage")));
        byte[] picture = Base64.getDecoder().decode(String.valueOf(answer.get("data")));
        String name = arguments.has("name") ? arguments.text("name") : "screenshot." + format;
        Map<String, Object> out =
                new LinkedHashMap<>(context.artifact(name, "image/" + format, new ByteArrayInputStream(picture)));
        out.putAll(browser.page());
        return out;
    }

    private static String type(Arguments arguments, String otherwise) {
        @Nullable String given = arguments.textOrNull("type");
        return given == null ? otherwise : given;
    }
}
