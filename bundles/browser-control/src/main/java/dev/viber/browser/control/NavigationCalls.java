package dev.viber.browser.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Going somewhere, and how the page is shown: the paths under {@code /v1/browser}, and the same under {@code /v1/navigation}. */
final class NavigationCalls {
    private static final Map<String, String> POINTS = Map.of(
            "load", "load", "domcontentloaded", "DOMContentLoaded", "networkidle", "networkIdle", "commit", "commit");
    private static final List<String> POINT_NAMES = List.of("load", "domcontentloaded", "networkidle", "commit");

    private NavigationCalls() {}

    static List<Route> routes() {
        List<Route> own = List.of(
                Route.post(
                        "/v1/browser/navigate", "url:text! wait_until:text referrer:text", NavigationCalls::navigate),
                Route.post("/v1/browser/reload", "ignore_cache:bool wait_until:text", NavigationCalls::reload),
                Route.post("/v1/browser/back", "wait_until:text", call -> history(call, -1)),
                Route.post("/v1/browser/forward", "wait_until:text", call -> history(call, 1)),
                Route.post("/v1/browser/wait-navigation", "wait_until:text after:int", NavigationCalls::await),
                Route.post(
                        "/v1/browser/viewport",
                        "width:int! height:int! scale:number mobile:bool",
                        NavigationCalls::viewport),
                Route.post(
                        "/v1/browser/user-agent",
                        "user_agent:text! accept_language:text platform:text",
                        NavigationCalls::userAgent),
                Route.get("/v1/browser/page", "", NavigationCalls::page));
        List<Route> all = new ArrayList<>(own);
        all.addAll(CaptureCalls.routes());
        List.copyOf(all).forEach(each -> all.add(each.at(each.path().replace("/v1/browser/", "/v1/navigation/"))));
        return all;
    }

    private static Object navigate(Call call) {
        Tab tab = call.actingTab();
        tab.revive();
        String point = point(call);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("url", call.text("url"));
        if (call.has("referrer")) {
            parameters.put("referrer", call.text("referrer"));
        }
        Tree answer;
        try {
            answer = tab.call("Page.navigate", parameters, call.deadline());
        } catch (Failure.Refused e) {
            throw Failure.malformed("'" + call.text("url") + "' cannot be navigated to: " + e.getMessage());
        }
        if (answer.get("isDownload").truth()) {
            return done(tab, Map.of("download", true));
        }
        String error = answer.get("errorText").text();
        if (!error.isEmpty()) {
            // The page that tells of the error is a navigation of its own, which nobody waits for.
            tab.sawNavigation();
            throw new Failure(502, "navigation_failed", call.text("url") + ": " + error);
        }
        String loader = answer.get("loaderId").text(); // none where it stays in the document
        if (!loader.isEmpty()) {
            tab.awaitDocument(loader, point, call.deadline());
        }
        return done(tab, Map.of());
    }

    private static Object reload(Call call) {
        Tab tab = call.actingTab();
        tab.revive();
        String point = point(call);
        long before = tab.navigations();
        tab.call("Page.reload", Map.of("ignoreCache", call.truth("ignore_cache")), call.deadline());
        tab.awaitNavigation(before, point, call.deadline());
        return done(tab, Map.of());
    }

    private static Object history(Call call, int step) {
        Tab tab = call.actingTab();
        String point = point(call);
        Tree history = tab.call("Page.getNavigationHistory", Map.of(), call.deadline());
        long index = history.get("currentIndex").number() + step;
        List<Tree> entries = history.get("entries").list();
        if (index < 0 || index >= entries.size()) {
            throw new Failure(409, "no_history", "there is no page to go " + (step < 0 ? "back" : "forward") + " to");
        }
        long before = tab.navigations();
        tab.call(
                "Page.navigateToHistoryEntry",
                Map.of("entryId", entries.get((int) index).get("id").number()),
                call.deadline());
        tab.awaitNavigation(before, point, call.deadline());
        return done(tab, Map.of());
    }

    /**
     * Waits for a navigation that nobody has waited for: one since the last action began, or the next. It holds nothing, so
     * the click that navigates may come before it, beside it or behind it.
     */
    private static Object await(Call call) {
        Tab tab = call.tab();
        String point = point(call);
        tab.awaitNavigation(call.number("after", tab.seenNavigations()), point, call.deadline());
        return done(tab, Map.of());
    }

    private static Object viewport(Call call) {
        Tab tab = call.tab();
        long width = call.number("width", 0);
        long height = call.number("height", 0);
        double scale = call.real("scale", 1);
        if (width < 1 || height < 1 || width > 10_000 || height > 10_000 || scale > 10) {
            throw Failure.malformed("wanted width and height of 1 to 10000 and a scale of up to 10");
        }
        tab.call(
                "Emulation.setDeviceMetricsOverride",
                Map.of(
                        "width",
                        width,
                        "height",
                        height,
                        "deviceScaleFactor",
                        scale <= 0 ? 1.0 : scale,
                        "mobile",
                        call.truth("mobile")),
                call.deadline());
        return Answer.OK;
    }

    private static Object userAgent(Call call) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("userAgent", call.text("user_agent"));
        if (call.has("accept_language")) {
            parameters.put("acceptLanguage", call.text("accept_language"));
        }
        if (call.has("platform")) {
            parameters.put("platform", call.text("platform"));
        }
        call.tab().call("Emulation.setUserAgentOverride", parameters, call.deadline());
        return Answer.OK;
    }

    private static Object page(Call call) {
        Tab tab = call.tab();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("tab", tab.id());
        out.put("url", tab.mainFrame().url());
        out.put(
                "title",
                String.valueOf(JavaScript.evaluate(tab, tab.mainFrame(), "document.title", false, call.deadline())));
        out.put("navigations", tab.navigations());
        out.put("chrome_id", call.browser().chromeId());
        return out;
    }

    private static String point(Call call) {
        return POINTS.getOrDefault(call.word("wait_until", POINT_NAMES), "load");
    }

    private static Map<String, Object> done(Tab tab, Map<String, Object> more) {
        Map<String, Object> out = new LinkedHashMap<>(Answer.OK);
        out.put("url", tab.mainFrame().url());
        out.put("navigations", tab.sawNavigation());
        long status = tab.traffic().status(tab.loader());
        if (status > 0) {
            out.put("http_status", status);
        }
        out.putAll(more);
        return out;
    }
}
