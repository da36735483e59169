package dev.viber.live.view;

import dev.viber.api.http.HttpContribution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@code /live/NAME}: the page at which a person watches; one file, the same for every VM, without anything secret in it. */
@Component(
        service = Handler.class,
        property = {HttpContribution.PATH + "=/live", HttpContribution.PUBLIC + "=true"})
public final class LivePage extends Handler.Abstract {
    private final byte[] page;
    private final String policy;

    /** Reads the page; what it may run is exactly what is in it. */
    @Activate
    public LivePage() {
        try (InputStream in = LivePage.class.getResourceAsStream("live.html")) {
            if (in == null) {
                throw new IllegalStateException("live.html is not in the bundle");
            }
            page = in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("live.html cannot be read", e);
        }
        String text = new String(page, StandardCharsets.UTF_8);
        policy = "default-src 'none'; script-src '%s'; style-src '%s'; img-src data: blob:; connect-src 'self';"
                        .formatted(digest(text, "script"), digest(text, "style"))
                + " form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    }

    private static String digest(String text, String element) {
        int start = text.indexOf("<" + element + ">") + element.length() + 2;
        String content = text.substring(start, text.indexOf("</" + element + ">", start));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (!Request.getPathInContext(request).matches("/live/[^/]+")
                || !request.getMethod().equals("GET")) {
            return false;
        }
        response.getHeaders().put("Content-Security-Policy", policy);
        response.getHeaders().put("X-Frame-Options", "DENY");
        response.getHeaders().put("Referrer-Policy", "no-referrer");
        response.getHeaders().put("Cross-Origin-Opener-Policy", "same-origin");
        Answers.bytes(response, callback, 200, "text/html; charset=utf-8", page);
        return true;
    }
}
