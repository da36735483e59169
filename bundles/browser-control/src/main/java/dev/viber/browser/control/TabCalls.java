package dev.viber.browser.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tabs, their frames, and what they recorded. */
final class TabCalls {
    private static final long LIMIT = 1_000;

    private TabCalls() {}

    static List<Route> routes() {
        return List.of(
                Route.get("/v1/tabs", "", TabCalls::list),
                Route.post("/v1/tabs", "url:text", TabCalls::open),
                Route.post("/v1/tabs/{id}/activate", "", TabCalls::activate),
                Route.post("/v1/tabs/{id}/close", "", TabCalls::close),
                Route.delete("/v1/tabs/{id}", "", TabCalls::close),
                Route.get("/v1/frames", "", TabCalls::frames),
                Route.get(
                        "/v1/console",
                        "after:int limit:int",
                        call -> call.tab()
                                .console()
                                .ring()
                                .after("entries", call.number("after", 0), call.number("limit", LIMIT))),
                Route.get(
                        "/v1/network",
                        "after:int limit:int",
                        call -> call.tab()
                                .traffic()
                                .ring()
                                .after("requests", call.number("after", 0), call.number("limit", LIMIT))),
                Route.get("/v1/network/{id}/body", "", TabCalls::body));
    }

    private static Object list(Call call) {
        String current = call.browser().current();
        List<Map<String, Object>> tabs = call.browser().tabs().stream()
                .map(each -> {
                    Map<String, Object> out = describe(each);
                    out.put("active", each.id().equals(current));
                    return out;
                })
                .toList();
        return Map.of("tabs", tabs, "chrome_id", call.browser().chromeId());
    }

    private static Object open(Call call) {
        Tab tab = call.browser().open("about:blank", call.deadline());
        String url = call.text("url");
        if (!url.isEmpty()) {
            long before = tab.navigations();
            Tree answer = tab.call("Page.navigate", Map.of("url", url), call.deadline());
            String error = answer.get("errorText").text();
            if (!error.isEmpty()) {
                throw new Failure(502, "navigation_failed", url + ": " + error, Map.of("tab", tab.id()));
            }
            if (!answer.get("loaderId").text().isEmpty()) {
                tab.awaitNavigation(before, "load", call.deadline());
            }
            tab.sawNavigation();
        }
        return describe(tab);
    }

    private static Object activate(Call call) {
        Tab tab = inPath(call);
        tab.call("Page.bringToFront", Map.of(), call.deadline());
        call.browser().makeCurrent(tab);
        return Answer.OK;
    }

    private static Object close(Call call) {
        call.browser().close(call.browser().named(call.inPath("id")), call.deadline());
        return Answer.OK;
    }

    private static Object frames(Call call) {
        Tab tab = call.tab();
        return Map.of(
                "frames",
                tab.look(() -> tab.frames().all()).stream()
                        .map(each -> Map.of(
                                "id",
                                each.id(),
                                "parent",
                                each.parent(),
                                "url",
                                each.url(),
                                "name",
                                each.name(),
                                "own_process",
                                !each.session().equals(tab.session())))
                        .toList());
    }

    private static Object body(Call call) {
        Tab tab = call.tab();
        String request = call.inPath("id");
        String session = tab.traffic().sessionOf(request);
        if (session == null) {
            throw new Failure(404, "no_such_request", "the tab made no request '" + request + "', or it is not kept");
        }
        try {
            Tree answer = tab.devTools()
                    .call(session, "Network.getResponseBody", Map.of("requestId", request), call.deadline());
            return Map.of(
                    "body",
                    answer.get("body").text(),
                    "base64",
                    answer.get("base64Encoded").truth());
        } catch (Failure.Refused e) {
            throw new Failure(404, "no_body", "the body is not kept: " + e.getMessage());
        }
    }

    private static Tab inPath(Call call) {
        return call.browser().tab(call.inPath("id"), call.deadline());
    }

    private static Map<String, Object> describe(Tab tab) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", tab.id());
        out.put("url", tab.mainFrame().url());
        out.put("opener", tab.opener());
        return out;
    }
}
