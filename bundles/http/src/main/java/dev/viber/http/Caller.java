package dev.viber.http;

import dev.viber.api.auth.Principal;
import org.eclipse.jetty.security.UserIdentity;
import org.eclipse.jetty.security.authentication.LoginAuthenticator;
import org.eclipse.jetty.server.Request;

/** Our principal in the form that Jetty and jakarta pass along with a request. */
record Caller(Principal principal, String address) implements java.security.Principal {
    /** Marks a request as made by this principal, for handlers and for the WebSocket handshake alike. */
    static void of(Request request, Principal principal) {
        String role = Route.word(principal.role());
        UserIdentity identity = UserIdentity.from(
                new javax.security.auth.Subject(), new Caller(principal, Request.getRemoteAddr(request)), role);
        Request.setAuthenticationState(request, new LoginAuthenticator.UserAuthenticationSucceeded("Bearer", identity));
    }

    @Override
    public String getName() {
        return principal.tokenId();
    }
}
