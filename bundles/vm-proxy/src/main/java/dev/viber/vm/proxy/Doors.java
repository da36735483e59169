package dev.viber.vm.proxy;

import dev.viber.api.auth.Audit;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.VmDesk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
    private final Gate<Audit> audit = new Gate<>("audit log", PATIENCE);
    private final Visits visits = new Visits(audit);
    private final Guest guest = new Guest();
    private final Opened opened;

    /** Doors whose guests are asked for at a desk that comes and goes. */
    @Activate
    public Doors(@Reference Opened opened) {
        this.opened = opened;
    }

    @Deactivate
    void close() {
        guest.close();
    }

    /** The door of this VM; a problem where it has none. */
    VmDesk.Door of(String name) {
        return desk.call(present -> present.door(name));
    }

    /** The file of this VM's log; a problem where there is no such VM. */
    Path log(String name, VmDesk.Log log) {
        return desk.call(present -> present.log(name, log));
    }

    /** A new way into this VM's console; empty where it takes no input, a problem where it does not run. */
    Optional<SocketChannel> console(String name) {
        return desk.call(present -> present.console(name));
    }

    /** What asks the guests. */
    Guest guest() {
        return guest;
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
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "urn:viber:problem:" + type);
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
        refuse(response, callback, refusal.status(), refusal.type(), refusal.detail());
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
    }

    void unbindDesk(VmDesk gone) {
        desk.close(gone);
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
}
