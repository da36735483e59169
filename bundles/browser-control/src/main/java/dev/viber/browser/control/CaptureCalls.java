package dev.viber.browser.control;

import dev.viber.browser.control.Frames.Frame;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pages as pictures, as PDF and as what assistive technology sees. */
final class CaptureCalls {
    /** Roles of what is no element, so that nothing can be done to it. */
    private static final Set<String> TEXTS = Set.of("StaticText", "InlineTextBox", "RootWebArea");

    private CaptureCalls() {}

    static List<Route> routes() {
        return List.of(
                Route.post(
                        "/v1/browser/screenshot", "full_page:bool format:text quality:int", CaptureCalls::screenshot),
                Route.post(
                        "/v1/browser/pdf",
                        "landscape:bool background:bool scale:number paper_width:number paper_height:number"
                                + " pages:text header:text footer:text",
                        CaptureCalls::pdf),
                Route.post("/v1/browser/accessibility", "frame:text depth:int", CaptureCalls::accessibility));
    }

    private static Object screenshot(Call call) {
        Tab tab = call.tab();
        String format = call.word("format", List.of("png", "jpeg", "jpg"));
        long quality = call.number("quality", 90);
        if (quality < 1 || quality > 100) {
            throw Failure.malformed("'quality' is " + quality + ", wanted 1 to 100");
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("format", format.equals("png") ? "png" : "jpeg");
        if (!format.equals("png")) {
            parameters.put("quality", quality);
        }
        if (call.truth("full_page")) {
            Tree size =
                    tab.call("Page.getLayoutMetrics", Map.of(), call.deadline()).get("cssContentSize");
            parameters.put("captureBeyondViewport", true);
            parameters.put(
                    "clip",
                    Map.of(
                            "x",
                            0,
                            "y",
                            0,
                            "width",
                            size.get("width").real(),
                            "height",
                            size.get("height").real(),
                            "scale",
                            1));
        }
        String data = tab.call("Page.captureScreenshot", parameters, call.deadline())
                .get("data")
                .text();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("data", data);
        out.put("format", call.text("format"));
        out.put("full_page", call.truth("full_page"));
        out.put("byte_length", bytes(data));
        out.put("captured_at", Instant.now().toString());
        return out;
    }

    private static Object pdf(Call call) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("landscape", call.truth("landscape"));
        parameters.put("printBackground", call.truth("background"));
        parameters.put("scale", call.real("scale", 1));
        put(parameters, "paperWidth", call.has("paper_width") ? call.real("paper_width", 0) : null);
        put(parameters, "paperHeight", call.has("paper_height") ? call.real("paper_height", 0) : null);
        put(parameters, "pageRanges", call.textOrNull("pages"));
        put(parameters, "headerTemplate", call.textOrNull("header"));
        put(parameters, "footerTemplate", call.textOrNull("footer"));
        parameters.put("displayHeaderFooter", call.has("header") || call.has("footer"));
        try {
            String data = call.tab()
                    .call("Page.printToPDF", parameters, call.deadline())
                    .get("data")
                    .text();
            return Map.of("data", data, "byte_length", bytes(data));
        } catch (Failure.Refused e) {
            throw Failure.malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Object accessibility(Call call) {
        Tab tab = call.tab();
        Frame frame = call.frame(tab);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("frameId", frame.id());
        put(parameters, "depth", call.has("depth") ? call.number("depth", 0) : null);
        List<Tree> nodes = tab.devTools()
                .call(frame.session(), "Accessibility.getFullAXTree", parameters, call.deadline())
                .get("nodes")
                .list();
        Map<String, Tree> byId = new HashMap<>();
        nodes.forEach(each -> byId.put(each.get("nodeId").text(), each));
        List<Map<String, Object>> roots = nodes.isEmpty() ? List.of() : seen(frame, nodes.getFirst(), byId);
        return Map.of("tree", roots.size() == 1 ? roots.getFirst() : Map.of("role", "none", "children", roots));
    }

    /** A node as it is seen: an ignored one is its children. */
    private static List<Map<String, Object>> seen(Frame frame, Tree node, Map<String, Tree> byId) {
        List<Map<String, Object>> children = new ArrayList<>();
        for (Tree child : node.get("childIds").list()) {
            Tree found = byId.get(child.text());
            if (found != null) {
                children.addAll(seen(frame, found, byId));
            }
        }
        if (node.get("ignored").truth()) {
            return children;
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("role", node.get("role", "value").text());
        out.put("name", node.get("name", "value").text());
        long number = node.get("backendDOMNodeId").number();
        if (number > 0 && !TEXTS.contains(String.valueOf(out.get("role")))) {
            out.put("ref", References.of(frame, number));
        }
        for (String each : List.of("value", "description")) {
            Object value = node.get(each, "value").value();
            if (value != null && !value.equals("")) {
                out.put(each, value);
            }
        }
        for (Tree property : node.get("properties").list()) {
            Object value = property.get("value", "value").value();
            if (value != null && !value.equals(false) && !value.equals("")) {
                out.put(property.get("name").text(), value);
            }
        }
        if (!children.isEmpty()) {
            out.put("children", children);
        }
        return List.of(out);
    }

    /** The bytes that a text in base 64 stands for. */
    private static int bytes(String base64) {
        int padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
        return base64.length() / 4 * 3 - padding;
    }

    private static void put(Map<String, Object> parameters, String name, @Nullable Object value) {
        if (value != null) {
            parameters.put(name, value);
        }
    }
}
