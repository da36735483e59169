package dev.viber.login;

import dev.viber.api.auth.DeviceGrants.Request;
import dev.viber.api.auth.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The pages as HTML: no scripts, nothing from elsewhere, every text of a stranger escaped. */
final class Page {
    private Page() {}

    /** Asks for the code, and for a token where nobody is signed in. */
    static String signIn(String userCode, @Nullable String alert) {
        return whole("Approve a viber", """
                <p>A viber on some machine asks to join this gateway. Sign in with your own token, and see who it is.</p>
                %s<form method="post" action="/device">
                <input type="hidden" name="action" value="sign-in">
                %s
                <label for="token">Your token</label>
                <input id="token" name="token" type="password" autocomplete="off" required maxlength="255"
                 aria-describedby="token-hint">
                <p class="hint" id="token-hint">An owner's or operator's; the owner's is in <code>owner.token</code>
                in the gateway's state folder. It stays here: the page keeps a cookie for 15 minutes.</p>
                <button type="submit">Continue</button>
                </form>
                """.formatted(alert(alert), codeField(userCode)));
    }

    /** Asks for the code of somebody signed in. */
    static String askCode(String userCode, String csrf, Principal principal, @Nullable String alert) {
        return whole("Approve a viber", """
                %s<form method="get" action="/device">
                %s
                <button type="submit">Continue</button>
                </form>
                %s""".formatted(alert(alert), codeField(userCode), signedIn(principal, csrf)));
    }

    /** Shows who asks, and asks for the decision. */
    static String decide(String userCode, Request request, boolean known, String csrf, Principal principal) {
        String capabilities = request.capabilities().isEmpty()
                ? "none named"
                : "<ul class=\"words\"><li>"
                        + String.join(
                                "</li><li>",
                                request.capabilities().stream()
                                        .map(Page::escaped)
                                        .toList())
                        + "</li></ul>";
        long minutes =
                Math.max(1, Duration.between(Instant.now(), request.expiresAt()).toMinutes());
        String warning = known
                ? "<p class=\"alert\" role=\"alert\">A viber of this id is known here already: approve only if it is the"
                        + " same one, for this gives it one more token.</p>"
                : "";
        return whole("Let this viber in?", """
                <p>Approve only if the code below is the one that the viber shows, and you started it yourself.</p>
                <p class="code" aria-label="Code">%s</p>
                <dl>
                <dt>Id</dt><dd>%s</dd>
                <dt>Name</dt><dd>%s</dd>
                <dt>Capabilities</dt><dd>%s</dd>
                <dt>Asked by</dt><dd>%s at %s</dd>
                <dt>Open for</dt><dd>%d more minutes</dd>
                </dl>
                %s<form method="post" action="/device" class="choice">
                <input type="hidden" name="csrf" value="%s">
                <input type="hidden" name="user_code" value="%s">
                <button type="submit" name="action" value="approve">Approve</button>
                <button type="submit" name="action" value="deny" class="quiet">Deny</button>
                </form>
                %s""".formatted(
                        escaped(userCode.toUpperCase(Locale.ROOT)),
                        escaped(request.viberId()),
                        escaped(request.name()),
                        capabilities,
                        escaped(request.clientId()),
                        escaped(request.address()),
                        minutes,
                        warning,
                        escaped(csrf),
                        escaped(userCode),
                        signedIn(principal, csrf)));
    }

    /** Says that it is done. */
    static String decided(Request request, boolean allowed) {
        return whole(allowed ? "Approved" : "Denied", """
                <p role="status"><strong>%s</strong> %s</p>
                <p>This page can be closed.</p>
                """.formatted(
                escaped(request.viberId()), allowed ? "gets its token and connects in a moment." : "gets no token."));
    }

    /** Says what went wrong. */
    static String trouble(String title, String text) {
        return whole(title, "%s<p><a href=\"/device\">Begin anew</a></p>%n".formatted(alert(text)));
    }

    private static String codeField(String userCode) {
        return """
                <label for="user_code">Code shown by the viber</label>
                <input id="user_code" name="user_code" class="code" required maxlength="20" autocomplete="off"
                 autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" value="%s">""".formatted(escaped(userCode));
    }

    private static String signedIn(Principal principal, String csrf) {
        String name = principal.name() == null ? principal.tokenId() : principal.name();
        return """
                <form method="post" action="/device" class="signed-in">
                <input type="hidden" name="action" value="sign-out">
                <input type="hidden" name="csrf" value="%s">
                <p>Signed in as <strong>%s</strong> (%s). <button type="submit" class="link">Sign out</button></p>
                </form>
                """.formatted(
                        escaped(csrf), escaped(name), principal.role().name().toLowerCase(Locale.ROOT));
    }

    private static String alert(@Nullable String text) {
        return text == null ? "" : "<p class=\"alert\" role=\"alert\">" + escaped(text) + "</p>\n";
    }

    private static String whole(String title, String content) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <title>%1$s · Viber</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <link rel="stylesheet" href="/device/style.css">
                <link rel="icon" href="data:,">
                </head>
                <body>
                <main>
                <p class="brand">Viber</p>
                <h1>%1$s</h1>
                %2$s</main>
                </body>
                </html>
                """.formatted(escaped(title), content);
    }

    /** A text that can be nothing but text in HTML. */
    static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                // Marks that turn the direction of text could show an id as another one.
                default -> out.appendCodePoint(Character.getType(c) == Character.FORMAT ? '?' : c);
            }
        });
        return out.toString();
    }
}
