package dev.viber.tool.browser;

import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pages as a whole: gone to, read, waited for, asked by a script. */
final class PageTools {
    private static final int MOST = 200_000;
    private static final int USUAL = 60_000;
    private static final String WAIT_UNTIL = """
            "waitUntil":{"enum":["load","domcontentloaded","networkidle","commit"],"default":"load"}""";
    private static final String MARKDOWN = markdown();

    private PageTools() {}

    static List<BrowserTool> of(TaskBrowsers browsers) {
        return List.of(
                new BrowserTool(
                        browsers,
                        "browser.open",
                        "Opens an address in the task's browser, which the first call begins and which lasts as long as the task. Answers url, title and status.",
                        "\"url\"",
                        "\"url\":{\"type\":\"string\",\"minLength\":1}," + WAIT_UNTIL,
                        _ -> true,
                        (browser, arguments, _) -> went(browser, navigate(browser, arguments))),
                new BrowserTool(
                        browsers,
                        "browser.navigate",
                        "Goes to an address (url), or back, forward or to the same page again (to).",
                        "",
                        "\"url\":{\"type\":\"string\",\"minLength\":1},\"to\":{\"enum\":[\"back\",\"forward\",\"reload\"]},"
                                + WAIT_UNTIL,
                        arguments -> arguments.get("to") == null || "reload".equals(arguments.get("to")),
                        PageTools::go),
                new BrowserTool(
                        browsers,
                        "browser.read",
                        "Reads the page: as a tree of what is on it, in which each element has a reference to act on it by (tree), as Markdown (markdown) or as plain text (text). References hold until the page changes.",
                        "",
                        """
                        "as":{"enum":["tree","markdown","text"],"default":"tree"},
                        "selector":{"type":"string","minLength":1,"description":"with markdown and text: the part that is read, by CSS; default the whole page"},
                        "limit":{"type":"integer","minimum":100,"maximum":200000,"default":60000,"description":"most characters"}""",
                        _ -> true,
                        PageTools::read),
                new BrowserTool(
                        browsers,
                        "browser.wait",
                        "Waits until an element is visible (ref or selector), or is gone (gone), or until a navigation has come to its end (navigation): one since the last action, or the next.",
                        "",
                        Arguments.ELEMENT + """
                        ,"gone":{"type":"boolean","default":false},
                        "navigation":{"type":"boolean","default":false},""" + WAIT_UNTIL,
                        _ -> true,
                        PageTools::await),
                new BrowserTool(
                        browsers,
                        "browser.evaluate",
                        "Evaluates a JavaScript expression in the page; a promise is waited for. Answers its value as JSON.",
                        "\"expression\"",
                        """
                        "expression":{"type":"string","minLength":1},
                        "frame":{"type":"string","description":"where it is evaluated; default the page itself"}""",
                        _ -> false,
                        PageTools::evaluate));
    }

    private static Map<String, Object> navigate(TaskBrowser browser, Arguments arguments)
            throws IOException, ToolException, InterruptedException {
        return browser.post("/v1/browser/navigate", Map.of("url", arguments.address(), "wait_until", until(arguments)));
    }

    private static Map<String, Object> go(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        if (arguments.has("url") == arguments.has("to")) {
            throw new ToolException("wanted either 'url' or 'to', got " + (arguments.has("to") ? "both" : "neither"));
        }
        return went(
                browser,
                arguments.has("url")
                        ? navigate(browser, arguments)
                        : browser.post("/v1/browser/" + arguments.text("to"), Map.of("wait_until", until(arguments))));
    }

    /** Where a navigation led. */
    private static Map<String, Object> went(TaskBrowser browser, Map<String, Object> answer)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> out = new LinkedHashMap<>(browser.page());
        if (answer.get("http_status") != null) {
            out.put("status", answer.get("http_status"));
        }
        if (Boolean.TRUE.equals(answer.get("download"))) {
            out.put("download", true);
        }
        return out;
    }

    private static Map<String, Object> read(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        int most = (int) Math.min(MOST, arguments.number("limit", USUAL));
        Map<String, Object> out = new LinkedHashMap<>(browser.page());
        String as = arguments.has("as") ? arguments.text("as") : "tree";
        String text;
        boolean cut;
        if (as.equals("tree")) {
            Outline outline = tree(browser, most);
            text = outline.toString();
            cut = outline.isCut();
        } else {
            String selector = arguments.textOrNull("selector");
            String expression = as.equals("markdown")
                    ? MARKDOWN + "(" + json(selector) + ")"
                    : "((s) => { const e = s ? document.querySelector(s) : document.body; return e && e.innerText })("
                            + json(selector) + ")";
            Object value = browser.post("/v1/script/evaluate", Map.of("expression", expression))
                    .get("result");
            if (!(value instanceof String all)) {
                throw new ToolException("no element fits '%s'".formatted(selector));
            }
            cut = all.length() > most;
            text = cut ? all.substring(0, most) : all;
        }
        out.put(as, text);
        out.put("truncated", cut);
        return out;
    }

    /** Of the page, and of each frame in it. */
    private static Outline tree(TaskBrowser browser, int most) throws IOException, ToolException, InterruptedException {
        Outline out = new Outline(most);
        out.add("", tree(browser, ""));
        if (browser.get("/v1/frames").get("frames") instanceof List<?> frames) {
            for (Object each : frames) {
                if (each instanceof Map<?, ?> frame && !"".equals(frame.get("parent")) && frame.get("parent") != null) {
                    try {
                        out.add("frame " + frame.get("url"), tree(browser, String.valueOf(frame.get("id"))));
                    } catch (ToolException e) {
                        out.add("frame " + frame.get("url") + " cannot be read: " + e.getMessage(), Map.of());
                    }
                }
            }
        }
        return out;
    }

    private static Object tree(TaskBrowser browser, String frame)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> answer =
                browser.post("/v1/browser/accessibility", frame.isEmpty() ? Map.of() : Map.of("frame", frame));
        return answer.getOrDefault("tree", Map.of());
    }

    private static Map<String, Object> await(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        if (!arguments.namesElement() && !arguments.truth("navigation")) {
            throw new ToolException("wanted 'ref' or 'selector', or 'navigation': what is waited for?");
        }
        if (arguments.truth("navigation")) {
            browser.post("/v1/browser/wait-navigation", Map.of("wait_until", until(arguments)));
        }
        if (arguments.namesElement()) {
            Map<String, Object> members = arguments.element();
            members.put(arguments.truth("gone") ? "gone" : "visible", true);
            browser.post("/v1/dom/wait-selector", members);
        }
        return browser.page();
    }

    private static Map<String, Object> evaluate(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("expression", arguments.text("expression"));
        members.put("await_promise", true);
        if (arguments.has("frame")) {
            members.put("frame", arguments.text("frame"));
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("value", browser.post("/v1/script/evaluate", members).get("result"));
        return out;
    }

    private static String until(Arguments arguments) {
        return arguments.has("waitUntil") ? arguments.text("waitUntil") : "load";
    }

    private static String json(@Nullable String text) {
        return AgentClient.JSON.writeValueAsString(text);
    }

    private static String markdown() {
        try (InputStream in = PageTools.class.getResourceAsStream("markdown.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("this bundle lacks markdown.js", e);
        }
    }
}
