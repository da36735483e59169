package dev.viber.browser.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Cookies and storage, put into the browser and taken out of it. */
final class ProfileCalls {
    private static final Set<String> COOKIE =
            Set.of("name", "value", "domain", "path", "expires", "http_only", "secure", "same_site");
    private static final Map<String, String> SAME_SITE = Map.of("lax", "Lax", "strict", "Strict", "none", "None");
    private static final String STORED = """
            (() => {
              const all = of => { try { return Object.fromEntries(Object.entries(of())) } catch { return {} } };
              return {origin: location.origin, url: location.href,
                local_storage: all(() => localStorage), session_storage: all(() => sessionStorage)};
            })()""";
    /** The page may have become another one since anybody looked, but not in the midst of this. */
    private static final String STORE = """
            ((origin, entries, storage) => {
              if (origin !== null && location.origin !== origin) return location.origin;
              for (const [name, value] of Object.entries(entries)) storage().setItem(name, value);
              return null;
            })""";

    private ProfileCalls() {}

    static List<Route> routes() {
        return List.of(
                Route.post(
                        "/v1/profile/attach",
                        "cookies:list local_storage:map session_storage:map origin:text",
                        ProfileCalls::attach),
                Route.get("/v1/profile/extract", "", ProfileCalls::extract));
    }

    private static Object attach(Call call) {
        Tab tab = call.actingTab();
        String url = tab.mainFrame().url();
        List<Map<String, Object>> cookies = new ArrayList<>();
        for (Tree each : call.list("cookies")) {
            cookies.add(cookie(each, url));
        }
        for (Map<String, Object> each : cookies) {
            Tree answer;
            try {
                answer = tab.call("Network.setCookie", each, call.deadline());
            } catch (Failure.Refused e) {
                throw Failure.malformed("the cookie '" + each.get("name") + "' is refused: " + e.getMessage());
            }
            if (!answer.get("success").truth()) {
                throw Failure.malformed("the cookie '" + each.get("name") + "' is refused by the browser");
            }
        }
        store(call, tab, "localStorage", call.map("local_storage"));
        store(call, tab, "sessionStorage", call.map("session_storage"));
        return Answer.OK;
    }

    private static Object extract(Call call) {
        Tab tab = call.tab();
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put(
                "cookies",
                tab.devTools().call("", "Storage.getCookies", Map.of(), call.deadline()).get("cookies").list().stream()
                        .map(ProfileCalls::told)
                        .toList());
        // One evaluation: between two of them the page may have become another site's.
        if (!(JavaScript.evaluate(tab, tab.mainFrame(), STORED, false, call.deadline()) instanceof Map<?, ?> stored)) {
            throw new Failure(409, "navigated", "the page navigated before its storage was read");
        }
        stored.forEach((name, value) -> out.put(String.valueOf(name), value));
        out.put("chrome_id", call.browser().chromeId());
        return out;
    }

    private static Map<String, Object> cookie(Tree cookie, String url) {
        if (!(cookie.value() instanceof Map<?, ?> members)) {
            throw Failure.malformed("a cookie is an object, not " + Json.write(cookie));
        }
        members.keySet().stream()
                .filter(each -> !COOKIE.contains(String.valueOf(each)))
                .findFirst()
                .ifPresent(each -> {
                    throw Failure.malformed("unknown member '" + each + "' of a cookie; it takes " + COOKIE);
                });
        // It may be empty: document.cookie = 'x' makes such a cookie.
        String name = cookie.get("name").text();
        if (cookie.get("name").isNothing()) {
            throw Failure.malformed("a cookie has no name");
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", name);
        out.put("value", cookie.get("value").text());
        String domain = cookie.get("domain").text();
        if (!domain.isEmpty()) {
            out.put("domain", domain);
        } else if (url.startsWith("http")) {
            out.put("url", url);
        } else {
            throw Failure.malformed("the cookie '" + name + "' has no domain, and no page is open whose it could be");
        }
        String path = cookie.get("path").text();
        out.put("path", path.isEmpty() ? "/" : path);
        if (cookie.get("expires").real() > 0) {
            out.put("expires", cookie.get("expires").real());
        }
        out.put("httpOnly", cookie.get("http_only").truth());
        out.put("secure", cookie.get("secure").truth());
        String site = cookie.get("same_site").text().toLowerCase(Locale.ROOT);
        String sameSite = SAME_SITE.get(site.isEmpty() ? "lax" : site);
        if (sameSite == null) {
            throw Failure.malformed("'same_site' of '" + name + "' is '" + site + "', wanted lax, strict or none");
        }
        out.put("sameSite", sameSite);
        return out;
    }

    private static Map<String, Object> told(Tree cookie) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", cookie.get("name").text());
        out.put("value", cookie.get("value").text());
        out.put("domain", cookie.get("domain").text());
        out.put("path", cookie.get("path").text());
        if (cookie.get("expires").real() > 0) {
            out.put("expires", cookie.get("expires").real());
        }
        out.put("http_only", cookie.get("httpOnly").truth());
        out.put("secure", cookie.get("secure").truth());
        String site = cookie.get("sameSite").text().toLowerCase(Locale.ROOT);
        out.put("same_site", site.isEmpty() ? "lax" : site);
        return out;
    }

    private static void store(Call call, Tab tab, String which, Map<?, ?> entries) {
        if (entries.isEmpty()) {
            return;
        }
        @Nullable Object other;
        try {
            other = JavaScript.evaluate(
                    tab,
                    tab.mainFrame(),
                    STORE + "(" + Json.write(call.textOrNull("origin")) + ", " + Json.write(entries) + ", () => "
                            + which + ")",
                    false,
                    call.deadline());
        } catch (Failure e) {
            if (e.code().equals("javascript_exception")) {
                throw new Failure(
                        409,
                        "no_storage",
                        "the page that is open (" + tab.mainFrame().url() + ") has no " + which);
            }
            throw e;
        }
        if (other != null) {
            throw new Failure(
                    409, "other_origin", "the page that is open is of " + other + ", not of " + call.text("origin"));
        }
    }
}
