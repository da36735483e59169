package dev.viber.api.rest;

import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One way to call the gateway: all that its server, its clients and its description need to know.
 *
 * @param name unique; the operation's name in the description
 * @param path below {@link Routes#BASE}, with parameters in braces: {@code /tasks/{taskId}}
 * @param parameters of path and query
 * @param request the body asked for; {@link Shape#NONE} for none
 * @param response the body of the success
 * @param success the status of the success
 * @param statuses every status with its meaning, the success first
 * @param roles who may call
 * @param idempotencyKey whether {@code Idempotency-Key} is understood
 * @param stream whether {@code Accept: text/event-stream} is answered by a stream
 * @param <I> the request
 * @param <O> the response
 */
public record Route<I, O>(
        String name,
        Method method,
        String path,
        String summary,
        List<Parameter> parameters,
        Shape<I> request,
        Shape<O> response,
        int success,
        Map<Integer, String> statuses,
        Set<Role> roles,
        boolean idempotencyKey,
        boolean stream) {
    /** The methods there are. */
    public enum Method {
        /** Reads. */
        GET,
        /** Makes or does. */
        POST,
        /** Puts something in the place of what is there. */
        PUT,
        /** Changes a part. */
        PATCH,
        /** Takes away. */
        DELETE
    }

    /** The first part of the path, by which routes are grouped. */
    public String area() {
        int end = path.indexOf('/', 1);
        return path.substring(1, end < 0 ? path.length() : end);
    }

    static Builder<Void, Void> route(String name, Method method, String path, String summary) {
        return new Builder<>(name, method, path, summary, Shape.NONE, Shape.NONE, 204, "done");
    }

    static final class Builder<I, O> {
        private final String name;
        private final Method method;
        private final String path;
        private final String summary;
        private final Shape<I> request;
        private final Shape<O> response;
        private final int success;
        private final List<Parameter> parameters = new ArrayList<>();
        private final Map<Integer, String> statuses = new LinkedHashMap<>();
        private Set<Role> roles = Set.of(Role.OWNER, Role.OPERATOR);
        private boolean idempotencyKey;
        private boolean stream;

        private Builder(
                String name,
                Method method,
                String path,
                String summary,
                Shape<I> request,
                Shape<O> response,
                int success,
                String meaning) {
            this.name = name;
            this.method = method;
            this.path = path;
            this.summary = summary;
            this.request = request;
            this.response = response;
            this.success = success;
            statuses.put(success, meaning);
        }

        /** The body asked for; to be said first. */
        <N> Builder<N, O> takes(Class<N> type) {
            return takes(Shape.of(type));
        }

        /** The body asked for; to be said first. */
        <N> Builder<N, O> takes(Shape<N> shape) {
            return new Builder<>(name, method, path, summary, shape, response, success, "");
        }

        /** The success; to be said second. */
        <N> Builder<I, N> answers(int status, Shape<N> shape, String meaning) {
            return new Builder<>(name, method, path, summary, request, shape, status, meaning);
        }

        Builder<I, O> with(Parameter... added) {
            parameters.addAll(List.of(added));
            return this;
        }

        Builder<I, O> or(int status, String meaning) {
            statuses.put(status, meaning);
            return this;
        }

        Builder<I, O> or(ProblemException.Kind kind, String meaning) {
            return or(kind.status(), meaning);
        }

        Builder<I, O> forRoles(Role... allowed) {
            roles = Set.of(allowed);
            return this;
        }

        Builder<I, O> keyed() {
            idempotencyKey = true;
            return this;
        }

        Builder<I, O> streamed() {
            stream = true;
            return this;
        }

        Route<I, O> build() {
            if (request.raw() != Void.class && !request.equals(Shape.BYTES)) {
                statuses.putIfAbsent(400, "the body cannot be read; line and column are named");
                statuses.putIfAbsent(413, "the body is too large");
                statuses.putIfAbsent(415, "the body is not " + request.mediaType());
                statuses.putIfAbsent(422, "the content is wrong; a JSON pointer names the place");
            } else if (!parameters.isEmpty()) {
                statuses.putIfAbsent(422, "a parameter is wrong");
            }
            statuses.put(401, "no valid bearer token");
            statuses.putIfAbsent(403, "the token's role does not allow this");
            statuses.putIfAbsent(503, "a part that is needed is not there at the moment");
            return new Route<>(
                    name,
                    method,
                    path,
                    summary,
                    List.copyOf(parameters),
                    request,
                    response,
                    success,
                    statuses,
                    roles,
                    idempotencyKey,
                    stream);
        }
    }
}
