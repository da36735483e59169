package dev.viber.login;

import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.DeviceGrants;
import dev.viber.api.auth.DeviceGrants.Poll;
import dev.viber.api.auth.DeviceGrants.Started;
import dev.viber.api.auth.Guesses;
import dev.viber.api.auth.Tokens.Issued;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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

/** The two endpoints of the device grant, {@code /oauth/device_authorization} and {@code /oauth/token}: RFC 8628. */
@Component(
        service = Handler.class,
        configurationPid = LoginSettings.PID,
        property = {HttpContribution.PATH + "=/oauth", HttpContribution.PUBLIC + "=true"})
public final class OAuthHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(OAuthHandler.class);
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:device_code";
    private static final String SCOPE = "viber";
    private static final int MOST_CODE = 128;

    /** A refusal in the words of RFC 6749, 5.2. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final String error;

        Refused(String error, String description) {
            super(description);
            this.error = error;
        }
    }

    private final Desks desks;
    private final LoginSettings settings;

    /** Made by Declarative Services. */
    @Activate
    public OAuthHandler(@Reference Desks desks, LoginSettings settings) {
        this.desks = desks;
        this.settings = settings;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (Thread.currentThread().isVirtual()) {
            serve(request, response, callback);
        } else {
            Thread.ofVirtual().name("oauth").start(() -> serve(request, response, callback));
        }
        return true;
    }

    private void serve(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        try {
            if (!path.equals("/oauth/device_authorization") && !path.equals("/oauth/token")) {
                Form.drain(request);
                error(request, response, callback, 404, "not_found", "There is nothing at " + Form.shown(path));
            } else if (!request.getMethod().equals("POST")) {
                Form.drain(request);
                response.getHeaders().put(HttpHeader.ALLOW, "POST");
                error(request, response, callback, 405, "invalid_request", "wanted POST");
            } else {
                Form form = Form.of(request);
                Map<String, Object> answer =
                        path.endsWith("token") ? token(request, form) : deviceAuthorization(request, form);
                Answers.json(request, response, callback, 200, answer);
            }
        } catch (Form.BadFormException e) {
            error(request, response, callback, 400, "invalid_request", e.getMessage());
        } catch (Refused e) {
            error(request, response, callback, 400, e.error, e.getMessage());
        } catch (GateShutException e) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            error(request, response, callback, 503, "temporarily_unavailable", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            callback.failed(e);
        } catch (Exception e) {
            fail(request, response, callback, e);
        }
    }

    private static void fail(Request request, Response response, Callback callback, Exception e) {
        Throwable cause = e instanceof InvocationTargetException && e.getCause() != null ? e.getCause() : e;
        switch (cause) {
            case ProblemException problem
            when problem.kind() == ProblemException.Kind.TOO_MANY -> {
                Object seconds = problem.extensions().getOrDefault(Guesses.RETRY_AFTER, 1L);
                response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds.toString());
                error(request, response, callback, 429, "slow_down", problem.getMessage());
            }
            case ProblemException problem ->
                error(request, response, callback, 400, "invalid_request", problem.getMessage());
            case GateShutException shut -> {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
                error(request, response, callback, 503, "temporarily_unavailable", shut.getMessage());
            }
            default -> {
                LOG.error("{} failed", Request.getPathInContext(request), cause);
                error(request, response, callback, 500, "server_error", "Something unforeseen went wrong");
            }
        }
    }

    private Map<String, Object> deviceAuthorization(Request request, Form form)
            throws Refused, InvocationTargetException, InterruptedException {
        if (!form.get("scope").orElse(SCOPE).equals(SCOPE)) {
            throw new Refused("invalid_scope", "wanted the scope '%s'".formatted(SCOPE));
        }
        String address = Request.getRemoteAddr(request);
        DeviceGrants.Ask ask = new DeviceGrants.Ask(
                needed(form, "client_id"),
                form.get("viber_id").orElse(null),
                form.get("viber_name").orElse(null),
                form.get("capabilities")
                        .map(words -> List.of(words.strip().split("\\s+", -1)))
                        .orElse(List.of()),
                address);
        Promise<Started> promise = desks.grants.callAsync(grants -> grants.start(ask));
        Started started = promise.getValue();
        desks.keep(null, address, "device.ask", started.viberId(), Outcome.DONE, Map.of("client", ask.clientId()));
        String page = Origin.of(request, settings) + "/device";
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("device_code", started.deviceCode());
        answer.put("user_code", started.userCode());
        answer.put("verification_uri", page);
        answer.put(
                "verification_uri_complete",
                page + "?user_code=" + URLEncoder.encode(started.userCode(), StandardCharsets.UTF_8));
        answer.put("expires_in", started.lifetime().toSeconds());
        answer.put("interval", started.interval().toSeconds());
        answer.put("viber_id", started.viberId());
        return answer;
    }

    private Map<String, Object> token(Request request, Form form)
            throws Refused, InvocationTargetException, InterruptedException {
        String grant = needed(form, "grant_type");
        if (!grant.equals(GRANT)) {
            throw new Refused("unsupported_grant_type", "wanted " + GRANT);
        }
        String client = needed(form, "client_id");
        String code = needed(form, "device_code");
        if (code.length() > MOST_CODE) {
            throw new Refused("invalid_grant", "there is no such device code");
        }
        Promise<Poll> promise = desks.grants.callAsync(grants -> grants.poll(client, code));
        return switch (promise.getValue()) {
            case Poll.Refused refused ->
                throw new Refused(refused.reason().name().toLowerCase(Locale.ROOT), explained(refused.reason()));
            case Poll.Granted granted -> {
                Issued issued = granted.issued();
                String viberId = Objects.requireNonNull(issued.viberId(), "a viber's token");
                desks.keep(
                        null,
                        Request.getRemoteAddr(request),
                        "device.token",
                        viberId,
                        Outcome.DONE,
                        Map.of("client", client, "token", issued.id()));
                yield Map.of(
                        "access_token", issued.token(), "token_type", "Bearer", "scope", SCOPE, "viber_id", viberId);
            }
        };
    }

    private static String explained(DeviceGrants.Reason reason) {
        return switch (reason) {
            case AUTHORIZATION_PENDING -> "nobody has decided yet";
            case SLOW_DOWN -> "polled too early; wait 5 seconds longer from now on";
            case ACCESS_DENIED -> "the request was denied";
            case EXPIRED_TOKEN -> "nobody decided in time; begin anew";
            case INVALID_GRANT -> "there is no such device code for this client, or it was used";
        };
    }

    private static String needed(Form form, String name) throws Refused {
        return form.get(name).orElseThrow(() -> new Refused("invalid_request", name + " is missing"));
    }

    private static void error(
            Request request,
            Response response,
            Callback callback,
            int status,
            String error,
            @org.jspecify.annotations.Nullable String description) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put("error_description", Form.shown(String.valueOf(description)));
        Answers.json(request, response, callback, status, body);
    }
}
