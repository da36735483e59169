package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.live.view.Tickets.Ticket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /api/v1/vms/NAME/live/tickets}: what opens one live view once, within a minute. */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/api/v1/vms/*/live/tickets",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class TicketHandler extends Handler.Abstract {
    private static final int MOST = 4 * 1024;

    private final Tickets tickets;
    private final Desks desks;

    /** Issues these. */
    @Activate
    public TicketHandler(@Reference Tickets tickets, @Reference Desks desks) {
        this.tickets = tickets;
        this.desks = desks;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        try {
            if (!request.getMethod().equals("POST")) {
                response.getHeaders().put(HttpHeader.ALLOW, "POST");
                throw new ProblemException(Kind.METHOD_NOT_ALLOWED, "Tickets are got by POST");
            }
            Principal by = (Principal) request.getAttribute(HttpContribution.PRINCIPAL);
            String name = LiveHandler.name(Request.getPathInContext(request));
            boolean control = mode(request).equals("control");
            Callers.check(by, control);
            if (desks.vms.call(desk -> desk.find(name)).isEmpty()) {
                throw ProblemException.notFound("vm", name);
            }
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("ticket", tickets.issue(new Ticket(by, name, control, null)));
            answer.put("mode", control ? "control" : "view");
            answer.put("expiresIn", Tickets.LIFETIME.toSeconds());
            answer.put("page", "/live/" + name);
            Answers.json(response, callback, 201, answer);
        } catch (ProblemException | GateShutException e) {
            Answers.refuse(response, callback, e);
        }
        return true;
    }

    private static String mode(Request request) throws IOException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] body = in.readNBytes(MOST + 1);
            if (body.length > MOST) {
                throw new ProblemException(Kind.TOO_LARGE, "The body may have %d bytes".formatted(MOST));
            }
            if (body.length == 0) {
                return "view";
            }
            JsonNode json = JsonMapper.shared().readTree(new String(body, StandardCharsets.UTF_8));
            JsonNode mode = json.path("mode");
            String word = mode.isMissingNode() && json.isObject() ? "view" : mode.asString("");
            if (!List.of("view", "control").contains(word)) {
                throw ProblemException.invalid("/mode", "mode is %s; wanted \"view\" or \"control\"".formatted(mode));
            }
            return word;
        } catch (JacksonException e) {
            throw new ProblemException(Kind.MALFORMED, "The body is not JSON: " + e.getOriginalMessage());
        }
    }
}
