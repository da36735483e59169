package dev.viber.live.view;

import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.live.view.Tickets.Ticket;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code GET /api/v1/vms/NAME/live}: a WebSocket with the pictures of a VM's browser. It asks for token or ticket itself,
 * since a page can send no header with a socket; a browser that comes for a page is sent to {@link LivePage}.
 */
@Component(
        service = Handler.class,
        property = {HttpContribution.PATH + "=/api/v1/vms/*/live", HttpContribution.PUBLIC + "=true"})
public final class LiveHandler extends Handler.Abstract {
    private final Callers callers;
    private final Screens screens;
    private final Desks desks;
    private final WebSocketComponents components = new WebSocketComponents();
    private final WebSocketMappings mappings = new WebSocketMappings(components);

    /** Seats viewers at these screens. */
    @Activate
    public LiveHandler(@Reference Callers callers, @Reference Screens screens, @Reference Desks desks) {
        this.callers = callers;
        this.screens = screens;
        this.desks = desks;
    }

    @Override
    protected void doStart() throws Exception {
        components.start();
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        components.stop();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        String name = name(path);
        if (!path.endsWith("/" + name + "/live")) {
            return false;
        }
        try {
            if ("websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE))) {
                upgrade(request, response, callback, name);
            } else {
                page(request, response, callback, name);
            }
        } catch (ProblemException | GateShutException e) {
            Answers.refuse(response, callback, e);
        }
        return true;
    }

    private void page(Request request, Response response, Callback callback, String name) {
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        if (request.getMethod().equals("GET") && accept != null && accept.contains("text/html")) {
            response.setStatus(303);
            response.getHeaders().put(HttpHeader.LOCATION, "/live/" + name);
            response.write(true, null, callback);
            return;
        }
        callers.caller(request, name, null, null);
        throw new ProblemException(
                Kind.MALFORMED,
                "Only a WebSocket opens here, with 'Upgrade: websocket'; people find a page at /live/" + name);
    }

    private void upgrade(Request request, Response response, Callback callback, String name) {
        Fields query = Request.extractQueryParameters(request);
        Ticket caller = callers.caller(request, name, query.getValue("ticket"), query.getValue("mode"));
        String ack = query.getValue("ack");
        if (ack != null && !List.of("true", "false").contains(ack)) {
            throw new ProblemException(Kind.INVALID, "ack is '%s'; wanted true or false".formatted(ack));
        }
        if (desks.vms.call(desk -> desk.find(name)).isEmpty()) {
            throw ProblemException.notFound("vm", name);
        }
        Viewer viewer = screens.seat(caller.by(), name, caller.control(), caller.viewer(), "true".equals(ack));
        boolean upgraded = false;
        try {
            upgraded = mappings.upgrade(
                    WebSocketNegotiator.from(
                            (asked, answered, done) -> {
                                answered.setExtensions(List.of()); // pictures are compressed already
                                return viewer;
                            },
                            (socket, asked, answered) -> viewer),
                    request,
                    response,
                    callback,
                    new Configuration.ConfigurationCustomizer());
        } finally {
            if (!upgraded) {
                screens.leave(viewer);
            }
        }
        if (!upgraded) {
            throw new ProblemException(
                    Kind.MALFORMED, "The upgrade is none of RFC 6455; wanted Sec-WebSocket-Version: 13");
        }
    }

    /** The VM's name in a path {@code .../vms/NAME/...}. */
    static String name(String path) {
        int name = path.indexOf("/vms/") + "/vms/".length();
        return path.substring(name, path.indexOf('/', name));
    }
}
