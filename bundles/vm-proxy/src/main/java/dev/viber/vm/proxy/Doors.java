package dev.viber.vm.proxy;

import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.VmDesk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import tools.jackson.databind.json.JsonMapper;

/** Where the doors of guests are asked for, and how it is told that one stays shut. */
@Component(service = Doors.class)
public final class Doors {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gate<VmDesk> desk = new Gate<>("supervisor of VMs", PATIENCE);

    /** The door of this VM; a problem where it has none. */
    VmDesk.Door of(String name) {
        return desk.call(present -> present.door(name));
    }

    /** The file of this VM's log; a problem where there is no such VM. */
    Path log(String name, VmDesk.Log log) {
        return desk.call(present -> present.log(name, log));
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

    /** Answers with what went wrong before a guest was asked. */
    static void refuse(Response response, Callback callback, RuntimeException e) {
        switch (e) {
            case ProblemException problem ->
                refuse(
                        response,
                        callback,
                        problem.kind().status(),
                        problem.kind().type(),
                        String.valueOf(problem.getMessage()));
            case GateShutException shut ->
                refuse(response, callback, 503, "unavailable", String.valueOf(shut.getMessage()));
            default -> throw e;
        }
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
}
