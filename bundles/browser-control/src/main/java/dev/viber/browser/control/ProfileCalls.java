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

    private ProfileCalls() {}

    static List<Route> routes() {
        return List.of(
                Route.post(
                        "/v1/profile/attach",
                        "cookies:list local_storage:map session_storage:map",
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
        out.put("local_storage", stored(call, tab, "localStorage"));
        out.put("session_storage", stored(call, tab, "sessionStorage"));
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
        String name = cookie.get("name").text();
        if (name.isEmpty()) {
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
        try {
            JavaScript.evaluate(
                    tab,
                    tab.mainFrame(),
                    "for (const [name, value] of Object.entries(" + Json.write(entries) + ")) " + which
                            + ".setItem(name, value)",
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
    }

    private static Object stored(Call call, Tab tab, String which) {
        Object found = JavaScript.evaluate(
                tab,
                tab.mainFrame(),
                "(() => { try { return Object.fromEntries(Object.entries(" + which + ")) } catch { return {} } })()",
                false,
                call.deadline());
        return found == null ? Map.of() : found;
    }
}
