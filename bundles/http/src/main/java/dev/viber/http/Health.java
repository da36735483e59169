package dev.viber.http;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.ready.Ready;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The two public paths that say how things are: {@code /healthz} (it lives) and {@code /readyz} (its parts are there). */
final class Health {
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final List<Ready> ready = new CopyOnWriteArrayList<>();
    private final Set<String> wanted;

    /** Ready is when all of these parts are. */
    Health(Set<String> wanted) {
        this.wanted = wanted;
    }

    void add(Ready part) {
        ready.add(part);
    }

    void remove(Ready part) {
        ready.remove(part);
    }

    /** The two routes. */
    List<Route> routes() {
        return List.of(route("/healthz", () -> Map.of("status", "ok")), route("/readyz", this::readiness));
    }

    private Map<String, Object> readiness() {
        Set<String> there = new TreeSet<>();
        ready.forEach(part -> there.add(part.part()));
        Set<String> missing = new TreeSet<>(wanted);
        missing.removeAll(there);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", missing.isEmpty() ? "ready" : "waiting");
        body.put("ready", there);
        body.put("missing", missing);
        return body;
    }

    private static Route route(String path, Supplier<Map<String, Object>> answer) {
        return new Route(path, Map.of(HttpContribution.PUBLIC, true), new Handler.Abstract.NonBlocking() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                if (!READING.contains(request.getMethod())) {
                    Problems.write(
                            response,
                            callback,
                            new ProblemException(
                                    Kind.METHOD_NOT_ALLOWED,
                                    "%s does not fit %s; wanted GET, HEAD".formatted(request.getMethod(), path)),
                            List.of(new HttpField(HttpHeader.ALLOW, "GET, HEAD")));
                    return true;
                }
                Map<String, Object> body = answer.get();
                int status =
                        "waiting".equals(body.get("status")) ? HttpStatus.SERVICE_UNAVAILABLE_503 : HttpStatus.OK_200;
                Problems.json(response, callback, status, "application/json", body);
                return true;
            }
        });
    }
}
