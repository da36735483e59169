package dev.viber.login;

import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.DeviceGrants;
import dev.viber.api.auth.Guesses;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.login.SignIns.SignIn;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page {@code /device}, at which an owner or operator approves a viber's login; works without scripts. */
@Component(
        service = Handler.class,
        configurationPid = LoginSettings.PID,
        property = {HttpContribution.PATH + "=/device", HttpContribution.PUBLIC + "=true"})
public final class DevicePages extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(DevicePages.class);
    private static final String COOKIE = "viber_device";
    private static final String POLICY = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self';"
            + " base-uri 'none'; frame-ancestors 'none'";
    private static final Set<Role> APPROVERS = Set.of(Role.OWNER, Role.OPERATOR);

    private final Desks desks;
    private final LoginSettings settings;
    private final SignIns signIns = new SignIns();
    private final byte[] style;

    /** Made by Declarative Services. */
    @Activate
    public DevicePages(@Reference Desks desks, LoginSettings settings) {
        this.desks = desks;
        this.settings = settings;
        try (InputStream in = DevicePages.class.getResourceAsStream("style.css")) {
            if (in == null) {
                throw new IllegalStateException("style.css is not in the bundle");
            }
            style = in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("style.css cannot be read", e);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (Thread.currentThread().isVirtual()) {
            new Visit(request, response, callback).serve();
        } else {
            Thread.ofVirtual().name("device").start(() -> new Visit(request, response, callback).serve());
        }
        return true;
    }

    /** One request with its answer. */
    private final class Visit {
        private final Request request;
        private final Response response;
        private final Callback callback;
        private final String address;

        Visit(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
            this.address = Request.getRemoteAddr(request);
        }

        void serve() {
            response.getHeaders().put("Content-Security-Policy", POLICY);
            response.getHeaders().put("X-Frame-Options", "DENY");
            // Not no-referrer: with that a browser sends "Origin: null" with our own forms, and is refused.
            response.getHeaders().put("Referrer-Policy", "same-origin");
            response.getHeaders().put("Cross-Origin-Opener-Policy", "same-origin");
            try {
                route();
            } catch (Form.BadFormException e) {
                html(400, Page.trouble("That did not work", String.valueOf(e.getMessage())));
            } catch (ProblemException e) {
                problem(e);
            } catch (GateShutException e) {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
                html(503, Page.trouble("Not now", "A part of the gateway is being replaced; try again in a moment."));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                callback.failed(e);
            } catch (Exception e) {
                if (e instanceof InvocationTargetException && e.getCause() instanceof ProblemException problem) {
                    problem(problem);
                    return;
                }
                LOG.error("/device failed", e);
                html(500, Page.trouble("That did not work", "Something unforeseen went wrong; the log tells more."));
            }
        }

        private void problem(ProblemException problem) {
            if (problem.kind() == Kind.TOO_MANY) {
                Object seconds = problem.extensions().getOrDefault(Guesses.RETRY_AFTER, 1L);
                response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds.toString());
                desks.keep(null, address, "device.guess", null, Outcome.DENIED, Map.of("status", 429));
            }
            html(problem.kind().status(), Page.trouble("That did not work", String.valueOf(problem.getMessage())));
        }

        private void route() throws Exception {
            String path = Request.getPathInContext(request);
            String method = request.getMethod();
            boolean get = method.equals("GET") || method.equals("HEAD");
            if (path.equals("/device/style.css") && get) {
                Answers.bytes(
                        request, response, callback, 200, "text/css; charset=utf-8", "public, max-age=3600", style);
            } else if (!path.equals("/device") && !path.equals("/device/")) {
                Form.drain(request);
                html(404, Page.trouble("Nothing here", "There is no such page."));
            } else if (get) {
                show();
            } else if (method.equals("POST")) {
                act(Form.of(request));
            } else {
                Form.drain(request);
                response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD, POST");
                html(405, Page.trouble("That did not work", "This page is read, or its forms are sent."));
            }
        }

        private void show() throws Form.BadFormException {
            String query = request.getHttpURI().getQuery();
            String code =
                    Form.parse(query == null ? "" : query).get("user_code").orElse("");
            Optional<SignIn> signedIn = signedIn();
            if (signedIn.isEmpty()) {
                html(200, Page.signIn(code, null));
                return;
            }
            SignIn who = signedIn.get();
            if (code.isEmpty()) {
                html(200, Page.askCode("", who.csrf(), who.principal(), null));
                return;
            }
            try {
                DeviceGrants.Request asked = desks.grants.call(grants -> grants.find(code, address));
                boolean known = desks.vibers
                        .call(vibers -> vibers.find(asked.viberId()))
                        .isPresent();
                html(200, Page.decide(code, asked, known, who.csrf(), who.principal()));
            } catch (ProblemException e) {
                if (e.kind() != Kind.NOT_FOUND) {
                    throw e;
                }
                html(404, Page.askCode(code, who.csrf(), who.principal(), e.getMessage()));
            }
        }

        private void act(Form form) throws Exception {
            String action = form.get("action").orElse("");
            String code = form.get("user_code").orElse("");
            if (action.equals("sign-in")) {
                signIn(form.get("token").orElse("").strip(), code);
                return;
            }
            Optional<SignIn> signedIn = signedIn();
            if (signedIn.isEmpty()) {
                html(401, Page.signIn(code, "You are not signed in any more."));
                return;
            }
            SignIn who = signedIn.get();
            if (!who.wrote(form.get("csrf").orElse(""))) {
                desks.keep(who.principal(), address, "device.forged", null, Outcome.DENIED, Map.of("status", 403));
                html(403, Page.trouble("That did not work", "This form was not made for you, or it is old."));
                return;
            }
            switch (action) {
                case "approve", "deny" -> decide(who.principal(), code, action.equals("approve"));
                case "sign-out" -> {
                    signIns.remove(cookie());
                    setCookie("", 0);
                    to("/device");
                }
                default -> html(400, Page.trouble("That did not work", "There is no such action."));
            }
        }

        private void signIn(String token, String code) {
            Optional<Principal> found =
                    token.isEmpty() ? Optional.empty() : desks.authenticator.call(a -> a.authenticate(token, address));
            if (found.isEmpty()) {
                desks.keep(null, address, "device.sign-in", null, Outcome.DENIED, Map.of("status", 401));
                html(401, Page.signIn(code, "This token is not valid."));
                return;
            }
            Principal principal = found.get();
            if (!APPROVERS.contains(principal.role())) {
                desks.keep(principal, address, "device.sign-in", null, Outcome.DENIED, Map.of("status", 403));
                html(403, Page.signIn(code, "This token may not approve; it takes an owner's or an operator's."));
                return;
            }
            desks.keep(principal, address, "device.sign-in", null, Outcome.DONE, Map.of());
            setCookie(signIns.add(principal), SignIns.LIFETIME.toSeconds());
            to(code.isEmpty() ? "/device" : "/device?user_code=" + URLEncoder.encode(code, StandardCharsets.UTF_8));
        }

        private void decide(Principal by, String code, boolean allow) throws Exception {
            Promise<DeviceGrants.Request> promise =
                    desks.grants.callAsync(grants -> grants.decide(code, allow, by, address));
            DeviceGrants.Request asked = promise.getValue();
            desks.keep(
                    by,
                    address,
                    allow ? "device.approve" : "device.deny",
                    asked.viberId(),
                    Outcome.DONE,
                    Map.of("client", asked.clientId(), "askedFrom", asked.address()));
            html(200, Page.decided(asked, allow));
        }

        /** Who is signed in, with a token that still is valid. */
        private Optional<SignIn> signedIn() {
            Optional<SignIn> found = signIns.find(cookie());
            if (found.isEmpty()) {
                return found;
            }
            String id = found.get().principal().tokenId();
            Optional<Tokens.Token> token = desks.tokens.call(tokens -> tokens.byId(id));
            return token.filter(DevicePages::isValid).flatMap(valid -> found);
        }

        private String cookie() {
            return Request.getCookies(request).stream()
                    .filter(cookie -> cookie.getName().equals(COOKIE))
                    .map(HttpCookie::getValue)
                    .findFirst()
                    .orElse("");
        }

        private void setCookie(String value, long seconds) {
            Response.putCookie(
                    response,
                    HttpCookie.build(COOKIE, value)
                            .path("/device")
                            .httpOnly(true)
                            .secure(Origin.of(request, settings).startsWith("https:"))
                            .sameSite(HttpCookie.SameSite.STRICT)
                            .maxAge(seconds)
                            .build());
        }

        private void to(String place) {
            response.setStatus(303);
            response.getHeaders().put(HttpHeader.LOCATION, place);
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            callback.succeeded();
        }

        private void html(int status, String page) {
            Answers.html(request, response, callback, status, page);
        }
    }

    private static boolean isValid(Tokens.Token token) {
        Instant expiresAt = token.expiresAt();
        return token.revokedAt() == null && (expiresAt == null || Instant.now().isBefore(expiresAt));
    }
}
