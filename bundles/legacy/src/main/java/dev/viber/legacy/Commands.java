package dev.viber.legacy;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Audit.Deed;
import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmSpec;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /api/v1/mcp}: the first Viper's commands, {@code {"command","params"}}, which it called MCP and which are not.
 * Each answer is 200 with {@code {"result","error"?}}; what is no JSON is 400.
 */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/api/v1/mcp",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class Commands extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Commands.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST = 64 * 1024;
    private static final int CPU_CORES = 2;
    private static final int MEMORY_MB = 2048;
    private static final int LEAST_MEMORY_MB = 64;

    private final Gate<VmDesk> desk = new Gate<>("supervisor of VMs", PATIENCE);
    private final Gate<Audit> audit = new Gate<>("audit log", PATIENCE);

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!request.getMethod().equals("POST")) {
            response.getHeaders().put(HttpHeader.ALLOW, "POST");
            Answers.refuse(response, callback, Kind.METHOD_NOT_ALLOWED, "wanted POST, not " + request.getMethod());
            return true;
        }
        String type = String.valueOf(request.getHeaders().get(HttpHeader.CONTENT_TYPE));
        if (!type.startsWith("application/json")) {
            // As every other body: a page of somebody else's can send what is not.
            Answers.refuse(
                    response,
                    callback,
                    Kind.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type is '%s'; wanted application/json".formatted(type));
            return true;
        }
        JsonNode body;
        try {
            body = JsonMapper.shared().readTree(read(request));
        } catch (JacksonException e) {
            Answers.refuse(response, callback, Kind.MALFORMED, "the body is not JSON: " + e.getOriginalMessage());
            return true;
        } catch (IOException e) {
            Answers.refuse(response, callback, Kind.MALFORMED, String.valueOf(e.getMessage()));
            return true;
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            answer.put("result", run(request, body.path("command").asString(""), body.path("params")));
        } catch (ProblemException | GateShutException e) {
            answer.put("result", null);
            answer.put("error", String.valueOf(e.getMessage()));
        }
        Answers.give(response, callback, 200, "application/json", answer);
        return true;
    }

    private static byte[] read(Request request) throws IOException {
        try (var in = Content.Source.asInputStream(request)) {
            byte[] body = in.readNBytes(MOST + 1);
            if (body.length > MOST) {
                throw new IOException("the body is longer than %d bytes".formatted(MOST));
            }
            return body;
        }
    }

    private Object run(Request request, String command, JsonNode params) throws InterruptedException {
        return switch (command) {
            case "viper.vms.list" ->
                desk.call(VmDesk::list).stream().map(Commands::shown).toList();
            case "viper.vms.create" -> create(request, params);
            case "viper.system.get_capabilities" -> Map.of("capabilities", capabilities());
            default ->
                throw new ProblemException(
                        Kind.INVALID,
                        "unknown command: %s; viper.system.get_capabilities lists what there is".formatted(command));
        };
    }

    private static Map<String, Object> shown(Vm vm) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", vm.id());
        out.put("name", vm.name());
        out.put("status", vm.phase().status().word());
        out.put("ip_address", vm.lease().ipAddress());
        out.put("cpu_cores", vm.spec().cpuCores());
        out.put("memory_mb", vm.spec().memoryMb());
        return out;
    }

    private static List<Map<String, Object>> capabilities() {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("name", "string");
        sizes.put("cpu_cores", "integer");
        sizes.put("memory_mb", "integer");
        return List.of(
                capability("viper.vms.create", "Makes a microVM and brings it up.", sizes),
                capability("viper.vms.list", "Lists microVMs.", Map.of()));
    }

    private static Map<String, Object> capability(String name, String description, Map<String, Object> params) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", name);
        out.put("description", description);
        out.put("params", params);
        return out;
    }

    private Map<String, Object> create(Request request, JsonNode params) throws InterruptedException {
        Principal by = request.getAttribute(HttpContribution.PRINCIPAL) instanceof Principal known ? known : null;
        String name = params.path("name").asString("");
        if (by == null || by.role() == Role.VIEWER) {
            add(by, request, name, Outcome.DENIED);
            throw new ProblemException(Kind.FORBIDDEN, "The token's role is viewer; wanted one of operator, owner");
        }
        if (name.isEmpty()) {
            throw new ProblemException(Kind.INVALID, "name param required");
        }
        if (!name.matches(VmSpec.NAME_PATTERN)) {
            throw new ProblemException(Kind.INVALID, "name is '%s'; wanted %s".formatted(name, VmSpec.NAME_WORDS));
        }
        VmSpec spec = new VmSpec(
                name,
                number(params, "cpu_cores", CPU_CORES, 1),
                number(params, "memory_mb", MEMORY_MB, LEAST_MEMORY_MB),
                null,
                null,
                VmSpec.Restart.NEVER,
                null,
                null,
                null);
        try {
            Vm made =
                    desk.call(present -> present.create(spec, null)).getValue().vm();
            add(by, request, name, Outcome.DONE);
            return shown(made);
        } catch (InvocationTargetException e) {
            add(by, request, name, Outcome.FAILED);
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw new IllegalStateException(e);
        }
    }

    private static int number(JsonNode params, String name, int usual, int least) {
        JsonNode value = params.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return usual;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < least) {
            throw new ProblemException(Kind.INVALID, "%s is %s; wanted a number from %d".formatted(name, value, least));
        }
        return value.asInt();
    }

    private void add(@Nullable Principal by, Request request, String name, Outcome outcome) {
        audit.ifOpen(present -> present.add(new Deed(
                        by, Request.getRemoteAddr(request), "createVm", name, outcome, Map.of("by", "/api/v1/mcp")))
                .onFailure(e -> LOG.error("createVm of {} is not in the audit log", name, e)));
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
