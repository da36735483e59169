package dev.viber.client;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Tokens;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.ClientTokenRequest;
import dev.viber.api.rest.DecisionRequest;
import dev.viber.api.rest.MessageRequest;
import dev.viber.api.rest.Pruned;
import dev.viber.api.rest.RotationRequest;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.SystemStatus;
import dev.viber.api.rest.TaskEvents;
import dev.viber.api.rest.TaskRequest;
import dev.viber.api.rest.TokenRequest;
import dev.viber.api.rest.ViberChange;
import dev.viber.api.task.Approval;
import dev.viber.api.task.Artifact;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.trace.TraceContext;
import dev.viber.api.viber.Viber;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The gateway's REST interface, typed.
 *
 * <pre>{@code
 * try (ViberClient client = new ViberClient(URI.create("http://127.0.0.1:7777"), token)) {
 *     Task task = client.submit(new TaskRequest("Count the TODOs", null, null), null);
 *     for (TaskEvent event : client.events(task.id(), 0)) { ... }
 * }
 * }</pre>
 *
 * <p>Refusals are {@link ProblemException}s; where no answer comes, {@link UnreachableException}s. Safe for use by
 * several threads.
 */
public final class ViberClient implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .changeDefaultPropertyInclusion(
                    had -> had.withValueInclusion(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL))
            .build();

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** Where the server was asked to wait for something. */
    private static final Duration AWAITED = Duration.ofMinutes(10);
    /** Durable, and done later. */
    private static final int ACCEPTED = 202;

    private final URI base;
    private final @Nullable String token;
    private final HttpClient http;

    /**
     * A client of the server at this URL.
     *
     * @param server {@code http://host:port}, with or without {@code /api/v1}
     * @param token the bearer token; null to send none
     */
    public ViberClient(URI server, @Nullable String token) {
        this(server, token, null);
    }

    /**
     * A client of the server at this URL.
     *
     * @param token the bearer token; null to send none
     * @param trust what certificates to trust, such as {@code Transport.trusting(file)}; null for those that Java trusts
     */
    public ViberClient(URI server, @Nullable String token, @Nullable SSLContext trust) {
        String text = server.toString().replaceAll("/+$", "");
        this.base = URI.create(text.endsWith(Routes.BASE) ? text : text + Routes.BASE);
        this.token = token;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
        SSLContext context = trust == null && "http".equals(base.getScheme()) ? trustingNobody() : trust;
        if (context != null) {
            builder.sslContext(context);
        }
        this.http = builder.build();
    }

    /** The default context reads all of the JDK's certificates, a tenth of a second that plain HTTP has no use for. */
    private static SSLContext trustingNobody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    /** Where the interface is: {@code http://host:port/api/v1}. */
    public URI base() {
        return base;
    }

    /**
     * Calls a route.
     *
     * @param path values of the parameters in the path
     * @param query values of the query; those that are null are left out
     * @param body of the kind the route takes; null for none
     * @return the response's body, which is null only for routes that answer with none
     */
    public <I, O extends @Nullable Object> O call(
            Route<I, O> route, Map<String, String> path, Map<String, ?> query, @Nullable I body) {
        return call(route, path, query, body, Map.of());
    }

    /** As {@link #call(Route, Map, Map, Object)}, with further headers. */
    @SuppressWarnings("NullAway") // a route without a response has O = Void, whose only value is null
    public <I, O extends @Nullable Object> O call(
            Route<I, O> route,
            Map<String, String> path,
            Map<String, ?> query,
            @Nullable I body,
            Map<String, String> headers) {
        BodyPublisher publisher =
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
        return send(route, path, query, body == null ? null : publisher, headers);
    }

    @SuppressWarnings("NullAway") // a route without a response has O = Void, whose only value is null
    private <O extends @Nullable Object> O send(
            Route<?, O> route,
            Map<String, String> path,
            Map<String, ?> query,
            @Nullable BodyPublisher body,
            Map<String, String> headers) {
        HttpRequest.Builder request =
                request(uri(route, path, query)).timeout(query.containsKey("wait") ? AWAITED : ANSWER);
        headers.forEach(request::header);
        if (body != null) {
            request.header("Content-Type", route.request().mediaType());
        }
        request.method(route.method().name(), body == null ? BodyPublishers.noBody() : body);
        request.header("Accept", "application/json, application/problem+json");
        HttpRequest built = request.build();
        try (InputStream in = send(built).body()) {
            byte[] answer = in.readAllBytes();
            if (route.response().raw() == Void.class || answer.length == 0) {
                return null;
            }
            JavaType type = JSON.getTypeFactory()
                    .constructParametricType(
                            route.response().raw(),
                            route.response().arguments().stream()
                                    .map(JSON::constructType)
                                    .toArray(JavaType[]::new));
            return JSON.readValue(answer, type);
        } catch (JacksonException e) {
            throw UnreachableException.stranger(built.uri(), e);
        } catch (IOException e) {
            throw new UnreachableException(built.uri(), e);
        }
    }

    /** Takes a task in; a second call with the same key answers with the first one's task. */
    public Task submit(TaskRequest task, @Nullable String idempotencyKey) {
        return submit(task, idempotencyKey, TraceContext.begin());
    }

    /** Takes a task in as a child of this span; a second call with the same key answers with the first one's task. */
    public Task submit(TaskRequest task, @Nullable String idempotencyKey, TraceContext span) {
        Map<String, String> headers = new HashMap<>();
        headers.put(TraceContext.HEADER, span.toString());
        if (idempotencyKey != null) {
            headers.put("Idempotency-Key", idempotencyKey);
        }
        return call(Routes.SUBMIT_TASK, Map.of(), Map.of(), task, headers);
    }

    /**
     * The lines of a text below {@link #base}, as they come, until the server ends it; to be closed.
     *
     * @param accept the media type asked for, such as {@code text/event-stream}
     */
    public Stream<String> lines(String path, String accept) {
        HttpRequest built =
                request(URI.create(base + path)).header("Accept", accept).build();
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(send(built).body(), StandardCharsets.UTF_8));
        return reader.lines().onClose(() -> {
            try {
                reader.close();
            } catch (IOException e) {
                throw new UnreachableException(built.uri(), e);
            }
        });
    }

    /**
     * Opens the serial console of a VM.
     *
     * @param input whether to type; who opens it last does, and the one before is closed
     * @param printed is given what the console prints: the last 64 KiB first
     * @throws ProblemException where the server refuses
     */
    public VmConsole console(String name, boolean input, VmConsole.Printed printed) {
        URI uri = URI.create(
                base.toString().replaceFirst("^http", "ws") + "/vms/" + encode(name) + "/console?input=" + input);
        WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(CONNECT);
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        return VmConsole.open(builder, uri, printed);
    }

    /** The task of this id. */
    public Task task(String taskId) {
        return call(Routes.GET_TASK, Map.of("taskId", taskId), Map.of(), null);
    }

    /** Tasks, newest first; the query as {@link Routes#LIST_TASKS} has it. */
    public Page<Task> tasks(Map<String, ?> query) {
        return call(Routes.LIST_TASKS, Map.of(), query, null);
    }

    /** Stops a task. */
    public Task stop(String taskId) {
        return call(Routes.STOP_TASK, Map.of("taskId", taskId), Map.of(), null);
    }

    /** Tries a task again. */
    public Task retry(String taskId) {
        return call(Routes.RETRY_TASK, Map.of("taskId", taskId), Map.of(), null);
    }

    /** Sends a message to a task. */
    public Task message(String taskId, MessageRequest message) {
        return call(Routes.MESSAGE_TASK, Map.of("taskId", taskId), Map.of(), message);
    }

    /** The events of a task behind a seq, as many as are there and asked for. */
    public TaskEvents eventsNow(String taskId, long afterSeq, int limit) {
        return call(Routes.TASK_EVENTS, Map.of("taskId", taskId), Map.of("after", afterSeq, "limit", limit), null);
    }

    /**
     * Follows the events of a task from behind a seq to its end, over breaks of the connection; 0 for all. To be closed
     * where it is left early.
     */
    public TaskEventStream events(String taskId, long afterSeq) {
        return new TaskEventStream(this, taskId, afterSeq);
    }

    /** The artifacts of a task, by name. */
    public Page<Artifact> artifacts(String taskId, Map<String, ?> query) {
        return call(Routes.LIST_ARTIFACTS, Map.of("taskId", taskId), query, null);
    }

    /**
     * Writes an artifact's bytes, over breaks of the connection; they are as its digest says when this returns.
     *
     * @throws ProblemException where they are not, or there is no such artifact
     */
    public void download(String taskId, Artifact artifact, OutputStream out) throws IOException {
        new Download(this, taskId, artifact).to(out);
    }

    /** What tasks ask, open questions first. */
    public Page<Approval> approvals(Map<String, ?> query) {
        return call(Routes.LIST_APPROVALS, Map.of(), query, null);
    }

    /** Answers a question. */
    public Approval decide(String approvalId, DecisionRequest decision) {
        return call(Routes.DECIDE, Map.of("approvalId", approvalId), Map.of(), decision);
    }

    /** Tasks that were given up. */
    public Page<Task> deadLetters(Map<String, ?> query) {
        return call(Routes.LIST_DEAD_LETTERS, Map.of(), query, null);
    }

    /** Another attempt at a task given up. */
    public Task retryDeadLetter(String taskId) {
        return call(Routes.RETRY_DEAD_LETTER, Map.of("taskId", taskId), Map.of(), null);
    }

    /** Takes one dead letter, or for null all of them, off the desk; tells how many. */
    public int pruneDeadLetters(@Nullable String taskId) {
        Map<String, ?> query = taskId == null ? Map.of() : Map.of("id", taskId);
        Pruned pruned = call(Routes.PRUNE_DEAD_LETTERS, Map.of(), query, null);
        return pruned.pruned();
    }

    /** Vibers by id. */
    public Page<Viber> vibers(Map<String, ?> query) {
        return call(Routes.LIST_VIBERS, Map.of(), query, null);
    }

    /** The viber of this id. */
    public Viber viber(String viberId) {
        return call(Routes.GET_VIBER, Map.of("viberId", viberId), Map.of(), null);
    }

    /** Changes a viber. */
    public Viber change(String viberId, ViberChange change) {
        return call(Routes.CHANGE_VIBER, Map.of("viberId", viberId), Map.of(), change);
    }

    /** Forgets a viber. */
    public void deleteViber(String viberId) {
        call(Routes.DELETE_VIBER, Map.of("viberId", viberId), Map.of(), null);
    }

    /** Issues a token for a viber. */
    public Tokens.Issued issueToken(String viberId, TokenRequest request) {
        return call(Routes.ISSUE_TOKEN, Map.of("viberId", viberId), Map.of(), request);
    }

    /** Issues a token for a client. */
    public Tokens.Issued issueToken(ClientTokenRequest request) {
        return call(Routes.ISSUE_CLIENT_TOKEN, Map.of(), Map.of(), request);
    }

    /** Gives a token a new secret. */
    public Tokens.Issued rotateToken(String tokenId, RotationRequest request) {
        return call(Routes.ROTATE_TOKEN, Map.of("tokenId", tokenId), Map.of(), request);
    }

    /** Who did what, newest first. */
    public Page<Audit.AuditEntry> audit(Map<String, ?> query) {
        return call(Routes.LIST_AUDIT, Map.of(), query, null);
    }

    /** The tokens of one viber, or for null all. */
    public Page<Tokens.Token> tokens(@Nullable String viberId, Map<String, ?> query) {
        return viberId == null
                ? call(Routes.LIST_TOKENS, Map.of(), query, null)
                : call(Routes.LIST_VIBER_TOKENS, Map.of("viberId", viberId), query, null);
    }

    /** Revokes a token. */
    public void revokeToken(String tokenId) {
        call(Routes.REVOKE_TOKEN, Map.of("tokenId", tokenId), Map.of(), null);
    }

    /**
     * Installs a plugin on a viber, or updates the one that is there.
     *
     * @param viberId null for the only viber that takes plugins
     * @param signature of the jar; null for none
     * @param downgrade whether an older version may take the place of a newer one
     * @param sent is told how many bytes of the jar were handed over, again and again
     * @return the plugin, whose state says whether it serves already
     * @throws java.io.FileNotFoundException where there is no such file
     */
    public Plugin installPlugin(
            @Nullable String viberId, Path jar, @Nullable String signature, boolean downgrade, LongConsumer sent)
            throws java.io.FileNotFoundException {
        Map<String, Object> query = new HashMap<>(downgrade(downgrade));
        if (viberId != null) {
            query.put("viber", viberId);
        }
        return send(Routes.INSTALL_PLUGIN, Map.of(), query, CountedFile.publisher(jar, sent), signed(signature));
    }

    /** Updates a plugin; otherwise as {@link #installPlugin}. */
    public Plugin updatePlugin(String id, Path jar, @Nullable String signature, boolean downgrade, LongConsumer sent)
            throws java.io.FileNotFoundException {
        return send(
                Routes.UPDATE_PLUGIN,
                Map.of("pluginId", id),
                downgrade(downgrade),
                CountedFile.publisher(jar, sent),
                signed(signature));
    }

    private static Map<String, Object> downgrade(boolean downgrade) {
        return downgrade ? Map.of("downgrade", true) : Map.of();
    }

    private static Map<String, String> signed(@Nullable String signature) {
        return signature == null ? Map.of() : Map.of("Viber-Signature", signature);
    }

    /** Plugins by id; the query as {@link Routes#LIST_PLUGINS} has it. */
    public Page<Plugin> plugins(Map<String, ?> query) {
        return call(Routes.LIST_PLUGINS, Map.of(), query, null);
    }

    /** The plugin of this id. */
    public Plugin plugin(String id) {
        return call(Routes.GET_PLUGIN, Map.of("pluginId", id), Map.of(), null);
    }

    /** Removes a plugin; whether it is gone: where its viber is away, it will be as soon as that is back. */
    public boolean removePlugin(String id) {
        HttpRequest request = request(uri(Routes.REMOVE_PLUGIN, Map.of("pluginId", id), Map.of()))
                .timeout(ANSWER)
                .header("Accept", "application/problem+json")
                .DELETE()
                .build();
        HttpResponse<InputStream> response = send(request);
        try (InputStream body = response.body()) {
            body.readAllBytes();
            return response.statusCode() != ACCEPTED;
        } catch (IOException e) {
            throw new UnreachableException(request.uri(), e);
        }
    }

    /** How the server is. */
    public SystemStatus systemStatus() {
        return call(Routes.SYSTEM_STATUS, Map.of(), Map.of(), null);
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }

    URI uri(Route<?, ?> route, Map<String, String> path, Map<String, ?> query) {
        StringBuilder uri = new StringBuilder(base.toString());
        for (String part : route.path().substring(1).split("/", -1)) {
            String value = part;
            if (part.startsWith("{")) {
                String name = part.substring(1, part.length() - 1);
                value = encode(Objects.requireNonNull(path.get(name), () -> "no value for " + name + " in the path"));
            }
            uri.append('/').append(value);
        }
        char separator = '?';
        for (Map.Entry<String, ?> entry : query.entrySet()) {
            if (entry.getValue() != null) {
                uri.append(separator)
                        .append(encode(entry.getKey()))
                        .append('=')
                        .append(encode(entry.getValue().toString()));
                separator = '&';
            }
        }
        return URI.create(uri.toString());
    }

    HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    /** The response of a request that was not refused. */
    HttpResponse<InputStream> send(HttpRequest request) {
        try {
            HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
            if (response.statusCode() < 400) {
                return response;
            }
            try (InputStream body = response.body()) {
                throw problem(response.statusCode(), body.readAllBytes());
            }
        } catch (IOException e) {
            throw new UnreachableException(request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException(request.uri(), e);
        }
    }

    static ProblemException problem(int status, byte[] body) {
        Map<String, Object> members = new LinkedHashMap<>();
        try {
            if (JSON.readValue(body, Object.class) instanceof Map<?, ?> object) {
                object.forEach((name, value) -> members.put(String.valueOf(name), value));
            }
        } catch (JacksonException e) {
            members.put("body", new String(body, StandardCharsets.UTF_8));
        }
        String type = String.valueOf(members.remove("type"));
        Object detail = members.remove("detail");
        Object error = members.remove("error");
        members.remove("title");
        members.put("status", status);
        String text = detail instanceof String told ? told : error instanceof String told ? told : "HTTP " + status;
        return new ProblemException(kind(type, status), text, members);
    }

    private static Kind kind(String type, int status) {
        for (Kind kind : Kind.values()) {
            if (type.equals("urn:viber:problem:" + kind.type())) {
                return kind;
            }
        }
        for (Kind kind : Kind.values()) {
            if (kind.status() == status) {
                return kind;
            }
        }
        return status >= 500 ? Kind.UNAVAILABLE : Kind.INVALID;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
