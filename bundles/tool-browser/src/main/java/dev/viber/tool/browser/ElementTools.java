package dev.viber.tool.browser;

import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.Touches;
import dev.viber.api.tool.Touches.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is done to the elements of a page. */
final class ElementTools {
    /** The agent takes 64 MiB as a body, of which base 64 leaves three quarters. */
    private static final long MOST_UPLOADED = 45L << 20;

    private ElementTools() {}

    static List<BrowserTool> of(TaskBrowsers browsers) {
        return List.of(
                new BrowserTool(
                        browsers,
                        "browser.click",
                        "Clicks an element, when it is visible and does not move. With navigates, waits for the page that the click leads to.",
                        "",
                        Arguments.ELEMENT + """
                        ,"button":{"enum":["left","middle","right"],"default":"left"},
                        "count":{"type":"integer","minimum":1,"maximum":3,"default":1},
                        "navigates":{"type":"boolean","default":false}""",
                        _ -> false,
                        ElementTools::click),
                new BrowserTool(
                        browsers,
                        "browser.type",
                        "Types a text into an element, key by key, behind what is there, or instead of it (clear); then presses Enter (submit) and waits for the page that this leads to.",
                        "\"text\"",
                        Arguments.ELEMENT + """
                        ,"text":{"type":"string"},
                        "clear":{"type":"boolean","default":false},
                        "submit":{"type":"boolean","default":false}""",
                        arguments -> Boolean.TRUE.equals(arguments.get("clear"))
                                && !Boolean.TRUE.equals(arguments.get("submit")),
                        ElementTools::type),
                new BrowserTool(
                        browsers,
                        "browser.select",
                        "Chooses options of a select element, by value or label.",
                        "\"values\"",
                        Arguments.ELEMENT + """
                        ,"values":{"type":"array","minItems":1,"items":{"type":"string"}}""",
                        _ -> true,
                        ElementTools::select),
                new BrowserTool(
                        browsers,
                        "browser.press",
                        "Presses keys, such as Enter or Control+a Delete; on an element where one is named, else where the focus is.",
                        "\"keys\"",
                        Arguments.ELEMENT + """
                        ,"keys":{"type":"string","minLength":1},
                        "navigates":{"type":"boolean","default":false}""",
                        _ -> false,
                        ElementTools::press),
                new BrowserTool(
                        browsers,
                        "browser.upload",
                        "Gives files of the workspace to a file input of the page.",
                        "\"paths\"",
                        Arguments.ELEMENT + """
                        ,"paths":{"type":"array","minItems":1,"items":{"type":"string","minLength":1}}""",
                        Touches.reading("paths").and(Touches.of(Access.NETWORK)),
                        _ -> true,
                        ElementTools::upload));
    }

    private static Map<String, Object> click(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> members = arguments.element();
        if (arguments.has("button")) {
            members.put("button", arguments.text("button"));
        }
        members.put("count", arguments.number("count", 1));
        Map<String, Object> answer = browser.post("/v1/dom/click", members);
        return after(browser, arguments.truth("navigates"), answer);
    }

    private static Map<String, Object> type(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> members = arguments.element();
        members.put("value", arguments.text("text"));
        members.put("clear", arguments.truth("clear"));
        browser.post("/v1/dom/type", members);
        if (!arguments.truth("submit")) {
            return browser.page();
        }
        return after(browser, true, browser.post("/v1/input/keys", Map.of("keys", "Enter")));
    }

    private static Map<String, Object> select(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> members = arguments.element();
        members.put("values", arguments.texts("values"));
        Object selected = browser.post("/v1/dom/select", members).get("selected");
        Map<String, Object> out = new LinkedHashMap<>(browser.page());
        out.put("selected", selected == null ? List.of() : selected);
        return out;
    }

    private static Map<String, Object> press(TaskBrowser browser, Arguments arguments, @Nullable ToolContext context)
            throws IOException, ToolException, InterruptedException {
        if (arguments.namesElement()) {
            browser.post("/v1/dom/focus", arguments.element());
        }
        Map<String, Object> answer = browser.post("/v1/input/keys", Map.of("keys", arguments.text("keys")));
        return after(browser, arguments.truth("navigates"), answer);
    }

    private static Map<String, Object> upload(TaskBrowser browser, Arguments arguments, ToolContext context)
            throws IOException, ToolException, InterruptedException {
        List<Map<String, Object>> files = new ArrayList<>();
        long bytes = 0;
        for (String each : arguments.texts("paths")) {
            Path file = context.path(Access.READ, each);
            if (!Files.isRegularFile(file)) {
                throw new ToolException("'%s' is no file of the workspace".formatted(each));
            }
            bytes += Files.size(file);
            if (bytes > MOST_UPLOADED) {
                throw new ToolException("the files have more than the %d bytes of one call".formatted(MOST_UPLOADED));
            }
            files.add(Map.of(
                    "name",
                    String.valueOf(file.getFileName()),
                    "data",
                    Base64.getEncoder().encodeToString(Files.readAllBytes(file))));
        }
        Map<String, Object> members = arguments.element();
        members.put("files", files);
        browser.post("/v1/dom/upload", members);
        Map<String, Object> out = new LinkedHashMap<>(browser.page());
        out.put("files", files.size());
        out.put("bytes", bytes);
        return out;
    }

    /** The page behind an action, and the dialog it opened where those are held. */
    private static Map<String, Object> after(TaskBrowser browser, boolean navigates, Map<String, Object> answer)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> out = new LinkedHashMap<>();
        if (answer.get("dialog") != null) {
            out.put("dialog", answer.get("dialog"));
            return out;
        }
        if (navigates) {
            browser.post("/v1/browser/wait-navigation", Map.of());
        }
        out.putAll(browser.page());
        return out;
    }
}
