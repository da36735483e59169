package dev.viber.rest;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.Shape;
import dev.viber.api.trace.TraceContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.MDC;

/** Serves every route of {@link Routes}: checks the request, has the work done, writes the answer or the problem. */
@Component(
        service = Handler.class,
        configurationPid = "dev.viber.rest",
        property = {
            HttpContribution.PATH + "=" + Routes.BASE,
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer",
            HttpContribution.ROLES + "=viber"
        })
@Designate(ocd = RestConfig.class)
public final class RestHandler extends Handler.Abstract {
    private final Router router;
    private final Bodies bodies;
    private final SseStreams streams;
    private final Deeds deeds;
    private final Revocations revocations;
    private final Consumer<String> onRevoked;

    /** Serves what these desks do. */
    @Activate
    public RestHandler(@Reference Desks desks, @Reference Revocations revocations, RestConfig config) {
        byte[] description = description();
        bodies = new Bodies(Json.MAPPER.readTree(description), config.max_body_bytes());
        streams = new SseStreams(desks, Duration.ofMillis(config.heartbeat_ms()));
        deeds = new Deeds(desks);
        this.revocations = revocations;
        onRevoked = streams::endOf;
        List<Binding<?, ?>> bindings = new ArrayList<>();
        bindings.addAll(new TaskCalls(desks, streams).bindings());
        bindings.addAll(new ArtifactCalls(desks).bindings());
        bindings.addAll(new ViberCalls(desks).bindings());
        bindings.addAll(new TokenCalls(desks).bindings());
        VmCalls vms = new VmCalls(desks);
        bindings.addAll(vms.bindings());
        bindings.addAll(new SnapshotCalls(desks, vms).bindings());
        bindings.addAll(new PoolCalls(desks).bindings());
        bindings.addAll(new WorkloadCalls(desks).bindings());
        bindings.addAll(new BrowserCalls(desks).bindings());
        bindings.addAll(new PluginCalls(desks).bindings());
        bindings.addAll(new SystemCalls(desks, description).bindings());
        requireAll(bindings);
        router = new Router(bindings);
        revocations.tell(onRevoked);
    }

    @Override
    protected void doStart() throws Exception {
        streams.open();
        super.doStart();
    }

    /** Ends every stream, so that its reader comes back elsewhere with its Last-Event-ID. */
    @Override
    protected void doStop() throws Exception {
        streams.close();
        super.doStop();
    }

    /** As a stop of the handler, for where the listener went first. */
    @Deactivate
    public void deactivate() {
        revocations.forget(onRevoked);
        streams.close();
    }

    private static byte[] description() {
        try (InputStream in = RestHandler.class.getResourceAsStream("openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("openapi.json is not in the bundle");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("openapi.json cannot be read", e);
        }
    }

    private static void requireAll(List<Binding<?, ?>> bindings) {
        Set<String> bound =
                bindings.stream().map(binding -> binding.route().name()).collect(Collectors.toSet());
        for (Route<?, ?> route : Routes.ALL) {
            if (!bound.contains(route.name())) {
                throw new IllegalStateException("nothing is bound to the route " + route.name());
            }
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (Thread.currentThread().isVirtual()) {
            serve(request, response, callback);
        } else {
            Thread.ofVirtual().name("rest").start(() -> serve(request, response, callback));
        }
        return true;
    }

    private void serve(Request request, Response response, Callback callback) {
        try {
            Router.Match match = router.match(
                    request.getMethod(), String.valueOf(request.getHttpURI().getPath()));
            if (match.path().get("taskId") != null) {
                MDC.put("task", match.path().get("taskId"));
            }
            TraceContext.parse(request.getHeaders().get(TraceContext.HEADER))
                    .ifPresent(span -> MDC.put("trace", span.traceId()));
            serve(match.binding(), match.path(), request, response, callback);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Problems.answer(e, response, callback);
        } catch (Exception | StackOverflowError e) {
            Problems.answer(e, response, callback);
        } finally {
            MDC.clear(); // the thread may be Jetty's
        }
    }

    private <I, O> void serve(
            Binding<I, O> binding, Map<String, String> path, Request request, Response response, Callback callback)
            throws Exception {
        Route<I, O> route = binding.route();
        request.setAttribute(HttpContribution.TEMPLATE, Routes.BASE + route.path());
        Principal principal = principal(request);
        if (!route.roles().contains(principal.role())) {
            deeds.denied(route, principal, path, request);
            throw forbidden(route, principal);
        }
        Map<String, String> values = Call.values(route, path, request);
        I body = route.request().raw() == Void.class || route.request().equals(Shape.BYTES)
                ? null
                : bodies.read(request, route.request());
        Call<I> call = new Call<>(request, principal, values, body);
        if (binding.stream() != null && acceptsStream(route, request)) {
            binding.stream().serve(call, response, callback);
            return;
        }
        Work.Answer<O> answer;
        try {
            answer = binding.work().apply(call);
        } catch (Exception e) {
            deeds.failed(route, principal, path, request, e);
            throw e;
        }
        deeds.done(route, principal, path, request, answer.status(), answer.body());
        answer(answer, response, callback);
    }

    /** A route that answers with any object, or with bytes, has nothing but the stream to answer with. */
    private static boolean acceptsStream(Route<?, ?> route, Request request) {
        if (route.response().equals(Shape.BYTES)) {
            return true;
        }
        return request.getMethod().equals("GET")
                && (route.response().equals(Shape.OBJECT)
                        || request.getHeaders().getCSV(HttpHeader.ACCEPT, false).stream()
                                .anyMatch(accepted -> accepted.startsWith("text/event-stream")));
    }

    private static Principal principal(Request request) {
        if (!(request.getAttribute(HttpContribution.PRINCIPAL) instanceof Principal principal)) {
            throw new ProblemException(
                    Kind.UNAUTHORIZED, "No valid bearer token; wanted Authorization: Bearer <token>");
        }
        return principal;
    }

    private static ProblemException forbidden(Route<?, ?> route, Principal principal) {
        String wanted = route.roles().stream().map(RestHandler::word).sorted().collect(Collectors.joining(", "));
        return new ProblemException(
                Kind.FORBIDDEN, "The token's role is %s; wanted one of %s".formatted(word(principal.role()), wanted));
    }

    private static String word(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static void answer(Work.Answer<?> answer, Response response, Callback callback) {
        response.setStatus(answer.status());
        answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        Path file = answer.file();
        if (file != null) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, Shape.JAR.mediaType());
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, file.toFile().length());
            Content.copy(Content.Source.from(file), response, callback);
            return;
        }
        ByteBuffer content = answer.raw();
        if (content == null && answer.body() != null) {
            content = ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(answer.body()));
        }
        if (content == null) {
            callback.succeeded();
            return;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.remaining());
        response.write(true, content, callback);
    }
}
