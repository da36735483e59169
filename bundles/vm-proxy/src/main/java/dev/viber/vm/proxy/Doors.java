package dev.viber.vm.proxy;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.browser.BrowserDesk;
import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Console;
import dev.viber.api.vm.VmDesk;
import dev.viber.vm.proxy.Stays.Stay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import tools.jackson.databind.json.JsonMapper;

/** Where the doors of guests are asked for, who went through is told, and how it is told that one stays shut. */
@Component(service = Doors.class)
public final class Doors {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gate<VmDesk> desk = new Gate<>("supervisor of VMs", PATIENCE);
    private final Gate<BrowserDesk> browsers = new Gate<>("keeper of pools", PATIENCE);
    private final Gate<Audit> audit = new Gate<>("audit log", PATIENCE);
    private final Visits visits = new Visits(audit);
    private final Gate<EventBus> events = new Gate<>("event bus", PATIENCE);
    private final Stays stays = new Stays(desk, events);
    private final Guest guest = new Guest();
    private final Growths growths = new Growths();
    private final Opened opened;

    /** Doors whose guests are asked for at a desk that comes and goes. */
    @Activate
    public Doors(@Reference Opened opened) {
        this.opened = opened;
    }

    @Deactivate
    void close() {
        stays.close();
        guest.close();
    }

    /** Goes in to this VM's guest, which is woken where it stands by; a problem where it cannot be reached. */
    Stay enter(String name) throws InterruptedException {
        return stays.enter(name);
    }

    /** The file of this VM's log; a problem where there is no such VM. */
    Path log(String name, VmDesk.Log log) {
        return desk.call(present -> present.log(name, log));
    }

    /** A new way into this VM's console; empty where it takes no input, a problem where it does not run. */
    Optional<Console> console(String name) {
        return desk.call(present -> present.console(name));
    }

    /**
     * Lets through who may do all there is to do with VMs, and a viber to the VM of a session of its own; false where the
     * request was refused, and answered.
     */
    boolean admit(Request request, Response response, Callback callback, Place place, String action) {
        if (!(request.getAttribute(HttpContribution.PRINCIPAL) instanceof Principal caller)
                || caller.role() != Role.VIBER) {
            return true;
        }
        try {
            String viberId = Objects.requireNonNull(caller.viberId(), "a viber's token names its viber");
            browsers.call(present -> {
                present.admit(viberId, place.name());
                return true;
            });
            return true;
        } catch (ProblemException e) {
            visits.denied(request, caller, place, action, e);
            refuse(response, callback, e, "", _ -> {});
            return false;
        } catch (GateShutException e) {
            refuse(response, callback, e, "", _ -> {});
            return false;
        }
    }

    /** What asks the guests. */
    Guest guest() {
        return guest;
    }

    /** Which files grow. */
    Growths growths() {
        return growths;
    }

    /** What stays open. */
    Opened opened() {
        return opened;
    }

    /** Who went through. */
    Visits visits() {
        return visits;
    }

    /** Answers with a problem, as RFC 9457 has it, and with the first Viper's member {@code error}. */
    static void refuse(Response response, Callback callback, int status, String type, String detail) {
        refuse(response, callback, new Refusal(status, type, detail), Map.of());
    }

    private static void refuse(Response response, Callback callback, Refusal refusal, Map<String, Object> more) {
        int status = refusal.status();
        String detail = refusal.detail();
        Map<String, Object> problem = new LinkedHashMap<>(more);
        problem.put("type", "urn:viber:problem:" + refusal.type());
        problem.put("title", status == 502 ? "The guest does not answer" : "Not possible");
        problem.put("status", status);
        problem.put("detail", detail);
        problem.put("error", detail);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        byte[] body = JsonMapper.shared().writeValueAsString(problem).getBytes(StandardCharsets.UTF_8);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    /** What a caller is told in place of a guest's answer: a status, a problem's kind and words. */
    record Refusal(int status, String type, String detail) {
        /**
         * Of what went wrong.
         *
         * @param what of the guest was asked, in the plural or not, with its verb: {@code "the agent of web does"}
         * @throws RuntimeException where it is nothing that a guest or its supervisor does
         */
        static Refusal of(Exception failure, String what) {
            return switch (failure) {
                case ProblemException problem ->
                    new Refusal(problem.kind().status(), problem.kind().type(), String.valueOf(problem.getMessage()));
                case GateShutException shut -> new Refusal(503, "unavailable", String.valueOf(shut.getMessage()));
                case IOException e -> new Refusal(502, "guest", "%s not answer: %s".formatted(what, e));
                case RuntimeException e -> throw e;
                default -> throw new IllegalStateException(failure);
            };
        }
    }

    /**
     * Answers with what went wrong on the way to a guest, or ends an answer that has begun.
     *
     * @param what as in {@link Refusal#of}
     * @param told is told the status before it is answered
     */
    static void refuse(Response response, Callback callback, Exception failure, String what, IntConsumer told) {
        if (response.isCommitted()) {
            callback.failed(failure);
            return;
        }
        Refusal refusal = Refusal.of(failure, what);
        told.accept(refusal.status());
        refuse(
                response,
                callback,
                refusal,
                failure instanceof ProblemException problem ? problem.extensions() : Map.of());
    }

    /** Answers where only a WebSocket opens; whether it did so. */
    static boolean refuseNoSocket(Request request, Response response, Callback callback) {
        if (Upgrade.isAsked(request)) {
            return false;
        }
        refuse(response, callback, 400, "malformed", "only a WebSocket opens here");
        return true;
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindDesk(VmDesk found) {
        desk.open(found);
        stays.tell(found);
    }

    void unbindDesk(VmDesk gone) {
        desk.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindBrowsers(BrowserDesk found) {
        browsers.open(found);
    }

    void unbindBrowsers(BrowserDesk gone) {
        browsers.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAudit(Audit found) {
        audit.open(found);
    }

    void unbindAudit(Audit gone) {
        audit.close(gone);
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(EventBus found) {
        events.open(found);
    }

    void unbindEvents(EventBus gone) {
        events.close(gone);
        stays.renew();
    }
}
