package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.Route.Method;
import dev.viber.api.rest.Routes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.eclipse.jetty.util.URIUtil;
import org.jspecify.annotations.Nullable;

/** Finds the route of a request. */
final class Router {
    /** A route that fits, with the values in its path. */
    record Match(Binding<?, ?> binding, Map<String, String> path) {}

    private record Entry(Binding<?, ?> binding, List<String> segments) {}

    private final List<Entry> entries;

    Router(List<? extends Binding<?, ?>> bindings) {
        entries = bindings.stream()
                .map(binding ->
                        new Entry(binding, List.of(binding.route().path().split("/", -1))))
                .toList();
    }

    /**
     * The route of this method and raw path, which begins with {@link Routes#BASE}.
     *
     * @throws ProblemException 404 for an unknown path, 405 for another method
     */
    Match match(String method, String rawPath) {
        List<String> segments = List.of(rawPath.substring(Math.min(rawPath.length(), Routes.BASE.length()))
                .split("/", -1));
        TreeSet<String> allowed = new TreeSet<>();
        for (Entry entry : entries) {
            Map<String, String> values = fit(entry.segments, segments);
            if (values != null) {
                Method wanted = entry.binding.route().method();
                if (wanted.name().equals(method) || (wanted == Method.GET && method.equals("HEAD"))) {
                    return new Match(entry.binding, values);
                }
                allowed.add(wanted.name());
            }
        }
        if (allowed.isEmpty()) {
            throw new ProblemException(
                    Kind.NOT_FOUND,
                    "There is nothing at %s; %s/openapi.json lists what there is".formatted(rawPath, Routes.BASE));
        }
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        String list = String.join(", ", allowed);
        throw new ProblemException(
                Kind.METHOD_NOT_ALLOWED,
                "%s does not fit %s; wanted %s".formatted(method, rawPath, list),
                Map.of("allow", list));
    }

    private static @Nullable Map<String, String> fit(List<String> template, List<String> segments) {
        if (template.size() != segments.size()) {
            return null;
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < template.size(); i++) {
            String part = template.get(i);
            if (part.startsWith("{")) {
                if (segments.get(i).isEmpty()) {
                    return null;
                }
                values.put(part.substring(1, part.length() - 1), URIUtil.decodePath(segments.get(i)));
            } else if (!part.equals(segments.get(i))) {
                return null;
            }
        }
        return values;
    }
}
