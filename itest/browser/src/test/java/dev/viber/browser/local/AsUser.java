package dev.viber.browser.local;

import dev.viber.api.browser.BrowserRequest;
import java.util.Map;

/** A browser, used by whoever this runs as: {@code AsUser FOLDER HOME}. */
final class AsUser {
    private AsUser() {}

    public static void main(String[] args) throws Exception {
        LocalBrowsers browsers =
                new LocalBrowsers(Chosen.of(Map.of("folder", args[0] + "/b", "home", args[1], "sessions", 1)), null);
        try {
            Hand hand = new Hand(browsers.acquire(BrowserRequest.of("mine")).getValue());
            hand.go("data:text/html,<title>by any user</title>");
            System.out.println("title: " + hand.value("document.title").asString());
            System.out.println("sandbox: "
                    + hand.get("/healthz").get("chrome").get("sandbox").asBoolean());
            System.out.println("refused: " + hand.go("http://127.0.0.1:8765/"));
        } finally {
            browsers.close();
        }
    }
}
