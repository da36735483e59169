package dev.viber.login;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/** Where a browser finds this gateway. */
final class Origin {
    private Origin() {}

    /** As configured, else as this request came in; without a slash at its end. The listener has checked the host. */
    static String of(Request request, LoginSettings settings) {
        String configured = settings.public_url().strip().replaceAll("/+$", "");
        return configured.isEmpty()
                ? (request.isSecure() ? "https://" : "http://")
                        + request.getHeaders().get(HttpHeader.HOST)
                : configured;
    }
}
