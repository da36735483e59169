package dev.viber.rest;

import dev.viber.api.auth.Principal;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.Parameter;
import dev.viber.api.rest.Route;
import dev.viber.api.trace.TraceContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * One request, checked against its route.
 *
 * @param body of the kind the route takes; null where it takes none
 */
record Call<I>(
        Request request,
        Principal principal,
        Map<String, String> values,
        @Nullable I body) {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /** The body of a route that takes one. */
    I content() {
        if (body == null) {
            throw new IllegalStateException("this route takes no body");
        }
        return body;
    }

    /** The viber that calls, at a route for vibers alone. */
    String viberId() {
        return Objects.requireNonNull(principal.viberId(), "a viber's token names its viber");
    }

    /** The header {@code Idempotency-Key}, checked; null where it is not there. */
    @Nullable
    String idempotencyKey() {
        String key = request.getHeaders().get("Idempotency-Key");
        if (key != null && !KEY.matcher(key).matches()) {
            throw new ProblemException(
                    Kind.INVALID,
                    "Idempotency-Key is not 1 to 255 visible ASCII characters",
                    Map.of("parameter", "Idempotency-Key"));
        }
        return key;
    }

    /** The caller's span; null where it says none, or more than one, which then count as none. */
    @Nullable
    String traceparent() {
        List<String> said = request.getHeaders().getValuesList(TraceContext.HEADER);
        return said.size() == 1 ? said.getFirst() : null;
    }

    /** A parameter that is there. */
    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("this route has no parameter " + name);
        }
        return value;
    }

    /** A parameter that may not be there. */
    @Nullable
    String optional(String name) {
        return values.get(name);
    }

    /** A number, checked. */
    long number(String name) {
        return Long.parseLong(text(name));
    }

    /** The parameters of path and query, checked; every fallback filled in. */
    static Map<String, String> values(Route<?, ?> route, Map<String, String> path, Request request) {
        Fields query = query(request);
        Map<String, String> values = new HashMap<>();
        for (Parameter parameter : route.parameters()) {
            String value = switch (parameter.place()) {
                case PATH -> path.get(parameter.name());
                case QUERY -> one(query, parameter.name());
                case HEADER -> request.getHeaders().get(parameter.name());
            };
            if (value == null || (value.isEmpty() && parameter.place() == Parameter.Place.QUERY)) {
                value = parameter.fallback();
            }
            if (value != null) {
                check(parameter, value);
                values.put(parameter.name(), value);
            }
        }
        return values;
    }

    private static Fields query(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (RuntimeException e) { // Jetty throws several kinds of them for what is not percent-encoded UTF-8
            throw new ProblemException(Kind.MALFORMED, "The query cannot be read: " + e.getMessage());
        }
    }

    private static @Nullable String one(Fields query, String name) {
        List<String> values = query.getValuesOrEmpty(name);
        if (values.size() > 1) {
            throw wrong(name, "is there %d times; wanted once".formatted(values.size()));
        }
        return values.isEmpty() ? null : values.getFirst();
    }

    private static void check(Parameter parameter, String value) {
        String name = parameter.name();
        if (parameter.kind() == Parameter.Kind.NUMBER) {
            try {
                long number = Long.parseLong(value);
                if (number >= parameter.min() && number <= parameter.max()) {
                    return;
                }
            } catch (NumberFormatException e) {
                // told below, as for a number out of range
            }
            throw wrong(
                    name, "is '%s'; wanted a number from %d to %d".formatted(value, parameter.min(), parameter.max()));
        }
        if (!parameter.words().isEmpty() && !parameter.words().contains(value)) {
            throw wrong(name, "is '%s'; wanted one of %s".formatted(value, String.join(", ", parameter.words())));
        }
        if (parameter.pattern() != null && !Pattern.matches(parameter.pattern(), value)) {
            throw wrong(name, "is '%s'; wanted %s".formatted(value, Wanted.inWords(parameter.pattern())));
        }
    }

    private static ProblemException wrong(String name, String what) {
        return new ProblemException(Kind.INVALID, name + " " + what, Map.of("parameter", name));
    }
}
