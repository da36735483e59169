package dev.viber.vm.proxy;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.vm.VmDesk.Door;
import dev.viber.api.vm.Wheel;
import dev.viber.vm.proxy.Stays.Stay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import tools.jackson.databind.json.JsonMapper;

/**
 * DevTools of a guest's browser: {@code /api/v1/vms/NAME/devtools/json/...} with addresses that lead back here, and
 * WebSockets below {@code /api/v1/vms/NAME/devtools/} and, as the first Viper had them, {@code
 * /ws/v1/vms/NAME/devtools/}.
 */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/api/v1/vms/*/devtools",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viber"
        })
public final class DevToolsProxy extends Handler.Abstract {
    private static final String ACTION = "vmDevTools";
    private static final String DEVTOOLS = "/devtools/";

    private final Doors doors;
    private final Turns turns;

    /** Serves what these doors lead to. */
    @Activate
    public DevToolsProxy(@Reference Doors doors, @Reference Turns turns) {
        this.doors = doors;
        this.turns = turns;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Place place = Place.of(request, "devtools");
        if (!doors.admit(request, response, callback, place, ACTION)) {
            return true;
        }
        if (Upgrade.isAsked(request)) {
            upgrade(doors, turns, request, response, callback, place);
        } else if (!place.rest().matches("/json/(new|close|activate)\\b.*")
                || turns.await(request, response, callback, place.name())) {
            json(doors, request, response, callback, place);
        }
        return true;
    }

    /** Passes a WebSocket on; where no path is given, to the browser itself. */
    static void upgrade(Doors doors, Turns turns, Request request, Response response, Callback callback, Place place)
            throws InterruptedException {
        IntConsumer told = status -> doors.visits().tell(request, place, ACTION, status);
        try (Opened.Entry entry = doors.opened().enter(request)) {
            if (!turns.await(request, response, callback, place.name())) {
                return;
            }
            entry.check();
            String key = request.getHeaders().get(Wheel.KEY);
            String path =
                    place.rest().length() <= 1 ? browserPath(doors, request, place.name()) : guestPath(place.rest());
            Stay stay = doors.enter(place.name());
            Upgrade.pass(
                    request,
                    response,
                    callback,
                    stay,
                    stay.door().devtools(),
                    place.target(path),
                    entry,
                    told,
                    () -> turns.hold(place.name(), key));
        } catch (IOException | RuntimeException e) {
            Doors.refuse(response, callback, e, "DevTools of %s do".formatted(place.name()), told);
        }
    }

    /**
     * The guest's own path, which begins with {@code /devtools/}. Clients append it to ours and so say it twice, or append
     * the whole of an address that was made to lead back here.
     */
    static String guestPath(String rest) {
        int own = rest.lastIndexOf(DEVTOOLS);
        return own >= 0 ? rest.substring(own) : "/devtools" + rest;
    }

    private static String browserPath(Doors doors, Request request, String name)
            throws IOException, InterruptedException {
        try (Stay stay = doors.enter(name)) {
            String url = JsonMapper.shared()
                    .readTree(ask(doors, request, stay, "/json/version").body())
                    .path("webSocketDebuggerUrl")
                    .asString("");
            int path = url.indexOf(DEVTOOLS);
            if (path < 0) {
                throw new IOException("the browser tells no webSocketDebuggerUrl");
            }
            return url.substring(path);
        }
    }

    /** What DevTools answer, which is short; read while the guest is awake. */
    private static Guest.Text ask(Doors doors, Request request, Stay stay, String target)
            throws IOException, InterruptedException {
        Door door = stay.door();
        return doors.guest().text(stay, request, Guest.request(request, door.devtools(), target, door.token()));
    }

    /** Passes {@code /json/...} on, and has the addresses in the answer lead back here. */
    static void json(Doors doors, Request request, Response response, Callback callback, Place place)
            throws InterruptedException {
        try (Stay stay = doors.enter(place.name())) {
            Guest.Text answer = ask(doors, request, stay, place.target(place.rest()));
            String host = request.getHeaders().get(HttpHeader.HOST);
            String here =
                    "%s/api/v1/vms/%s".formatted(host == null ? Request.getServerName(request) : host, place.name());
            boolean secure = request.isSecure();
            response.setStatus(answer.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json; charset=UTF-8");
            byte[] told = answer.body()
                    .replaceAll("wss?://[^/\"]+/devtools/", (secure ? "wss://" : "ws://") + here + "/devtools/")
                    .replaceAll("([?&]wss?=)[^/\"&]+/devtools/", "$1" + here + "/devtools/")
                    .getBytes(StandardCharsets.UTF_8);
            response.write(true, ByteBuffer.wrap(told), callback);
        } catch (IOException | RuntimeException e) {
            Doors.refuse(response, callback, e, "DevTools of %s do".formatted(place.name()), _ -> {});
        }
    }

    /** The first Viper's path of the sockets. */
    @Component(
            service = Handler.class,
            property = {
                HttpContribution.PATH + "=/ws/v1/vms/*/devtools",
                HttpContribution.ROLES + "=owner",
                HttpContribution.ROLES + "=operator"
            })
    public static final class OldPath extends Handler.Abstract {
        private final Doors doors;
        private final Turns turns;

        /** Serves what these doors lead to. */
        @Activate
        public OldPath(@Reference Doors doors, @Reference Turns turns) {
            this.doors = doors;
            this.turns = turns;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            if (!Doors.refuseNoSocket(request, response, callback)) {
                upgrade(doors, turns, request, response, callback, Place.of(request, "devtools"));
            }
            return true;
        }
    }
}
