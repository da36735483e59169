package dev.viber.vm.proxy;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.vm.VmDesk.Door;
import dev.viber.vm.proxy.Stays.Stay;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.function.IntConsumer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /api/v1/vms/NAME/agent/...}: the REST of a guest's agent, streams and WebSockets included. */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/api/v1/vms/*/agent",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viber"
        })
public final class AgentProxy extends Handler.Abstract {
    private static final String ACTION = "vmAgent";

    /** What only looks, and not at a page, waits for nobody. */
    private static final Set<String> WATCHING = Set.of("/healthz", "/v1/logs/stream", "/v1/devtools");

    private final Doors doors;
    private final Turns turns;

    /** Serves what these doors lead to, each call in its turn. */
    @Activate
    public AgentProxy(@Reference Doors doors, @Reference Turns turns) {
        this.doors = doors;
        this.turns = turns;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Place place = Place.of(request, "agent");
        if (!doors.admit(request, response, callback, place, ACTION)) {
            return true;
        }
        if (place.rest().equals("/json/version") || place.rest().equals("/json/version/")) {
            // The first Viper's command line looks for it here.
            DevToolsProxy.json(doors, request, response, callback, place);
            return true;
        }
        try (Opened.Entry entry = doors.opened().enter(request)) {
            if (WATCHING.contains(place.rest()) || turns.await(request, response, callback, place.name())) {
                pass(request, response, callback, place, entry);
            }
        }
        return true;
    }

    private void pass(Request request, Response response, Callback callback, Place place, Opened.Entry entry)
            throws InterruptedException {
        request.addIdleTimeoutListener(timeout -> false); // a page may be waited for: the agent minds the time
        String target = place.target(place.rest().isEmpty() ? "/" : place.rest());
        IntConsumer told = status -> doors.visits().tell(request, place, ACTION, status);
        try {
            entry.check();
            if (Upgrade.isAsked(request)) {
                Stay stay = doors.enter(place.name());
                Upgrade.pass(
                        request,
                        response,
                        callback,
                        stay,
                        stay.door().agent(),
                        target,
                        entry,
                        told,
                        Splice.Turn.ALWAYS);
                return;
            }
            try (Stay stay = doors.enter(place.name())) {
                Door door = stay.door();
                HttpResponse<InputStream> answer =
                        doors.guest().send(stay, request, Guest.request(request, door.agent(), target, door.token()));
                told.accept(answer.statusCode());
                pass(answer, response, callback, entry);
                if (place.rest().startsWith("/v1/tabs") && !request.getMethod().equals("GET")) {
                    turns.tabsChanged(place.name());
                }
            }
        } catch (IOException | RuntimeException e) {
            Doors.refuse(response, callback, e, "the agent of %s does".formatted(place.name()), told);
        }
    }

    /** For as long as the token is valid: an answer that is followed has no end of its own. */
    private static void pass(HttpResponse<InputStream> answer, Response response, Callback callback, Opened.Entry entry)
            throws IOException {
        Runnable forget = entry.opens(() -> Guest.cut(answer.body()));
        try {
            entry.check();
            Guest.pass(answer, response, callback);
        } catch (IOException e) {
            entry.check(); // where it was cut for its token, that is the reason
            throw e;
        } finally {
            forget.run();
        }
    }
}
