package dev.viber.api.rest;

import static dev.viber.api.rest.Parameter.header;
import static dev.viber.api.rest.Parameter.number;
import static dev.viber.api.rest.Parameter.path;
import static dev.viber.api.rest.Parameter.text;
import static dev.viber.api.rest.Parameter.word;
import static dev.viber.api.rest.Route.Method.DELETE;
import static dev.viber.api.rest.Route.Method.GET;
import static dev.viber.api.rest.Route.Method.PATCH;
import static dev.viber.api.rest.Route.Method.POST;
import static dev.viber.api.rest.Route.Method.PUT;
import static dev.viber.api.rest.Route.route;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.task.Approval;
import dev.viber.api.task.Artifact;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Status;
import dev.viber.api.trace.TraceContext;
import dev.viber.api.viber.Viber;
import dev.viber.api.viber.ViberDesk;
import dev.viber.api.vm.VmSpec;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Every route there is below {@link #BASE}. */
public final class Routes {
    /** What stands before every path. */
    public static final String BASE = "/api/v1";

    private static final Role[] READERS = {Role.OWNER, Role.OPERATOR, Role.VIEWER};
    private static final Parameter TASK = path("taskId", null, "The task's id.");
    private static final Parameter VIBER = path("viberId", ViberDesk.ID_PATTERN, "The viber's id.");
    private static final Parameter OF_VIBER = text("viberId", "Only those of this viber.");
    private static final Parameter CURSOR = text("cursor", "The `next` of the page before.");
    private static final Parameter LIMIT = number("limit", 50, 1, 1000, "How many at most.");
    private static final Parameter PLUGIN =
            path("pluginId", null, "The plugin's id: its symbolic name, an @, its viber's id.");
    private static final Parameter SIGNATURE = header(
            "Viber-Signature", null, "The jar's detached signature, keyId:base64, as viber plugin sign makes it.");
    private static final Parameter DOWNGRADE =
            word("downgrade", List.of("true", "false"), "Whether an older version may take the place of a newer one.");
    private static final String NOT_YET = "durable; the viber is away, or needs longer, and installs it when it can";
    private static final String REFUSED = "it is no plugin, or the viber did not let it in, with its reason";
    private static final String NO_PLUGIN = "there is no such plugin";
    private static final Parameter ARTIFACT = path("name", null, "The artifact's name.");
    private static final Parameter VM = path("name", VmSpec.NAME_PATTERN, "The VM's name.");
    private static final Parameter WAIT = word("wait", List.of("ready"), "Whether to answer when the guest is ready.");
    private static final String NO_VM = "there is no such VM";
    private static final String NO_TASK = "there is no such task";
    private static final String NO_VIBER = "there is no such viber";

    /** Takes a task in. */
    public static final Route<TaskRequest, Task> SUBMIT_TASK = route("submitTask", POST, "/tasks", "Takes a task in")
            .takes(TaskRequest.class)
            .answers(201, Shape.of(Task.class), "durable, whether a viber is online or not; Location names it")
            .or(200, "the task that was taken in before with this Idempotency-Key")
            .with(header(
                    TraceContext.HEADER,
                    null,
                    "The client's span (W3C Trace Context), of which the task becomes a child; what is none is ignored. The"
                            + " header traceresponse names the task's span."))
            .keyed()
            .build();

    /** Lists tasks. */
    public static final Route<Void, Page<Task>> LIST_TASKS = route("listTasks", GET, "/tasks", "Lists tasks")
            .answers(200, Shape.page(Task.class), "tasks, newest first")
            .with(
                    word(
                            "status",
                            Arrays.stream(Status.values()).map(Status::word).toList(),
                            "Only of this status."),
                    word("phase", Arrays.stream(Phase.values()).map(Phase::word).toList(), "Only in this phase."),
                    OF_VIBER,
                    CURSOR,
                    LIMIT)
            .forRoles(READERS)
            .build();

    /** Shows a task. */
    public static final Route<Void, Task> GET_TASK = route("getTask", GET, "/tasks/{taskId}", "Shows a task")
            .answers(200, Shape.of(Task.class), "the task")
            .with(TASK)
            .or(Kind.NOT_FOUND, NO_TASK)
            .forRoles(READERS)
            .build();

    /** Shows or follows what happened to a task. */
    public static final Route<Void, TaskEvents> TASK_EVENTS = route(
                    "taskEvents", GET, "/tasks/{taskId}/events", "Shows or follows what happens to a task")
            .answers(200, Shape.of(TaskEvents.class), "events by seq; as a stream where text/event-stream is accepted")
            .with(
                    TASK,
                    number("after", 0, 0, Long.MAX_VALUE, "Only events behind this seq."),
                    number("limit", 1000, 1, 10_000, "How many at most; not for streams."),
                    text("lastEventId", "For streams: as the header Last-Event-ID, which goes before it."))
            .or(204, "the stream is at its end already")
            .or(Kind.NOT_FOUND, NO_TASK)
            .forRoles(READERS)
            .streamed()
            .build();

    /** Sends a message to a task. */
    public static final Route<MessageRequest, Task> MESSAGE_TASK = route(
                    "messageTask", POST, "/tasks/{taskId}/messages", "Sends a message to a task that has not ended")
            .takes(MessageRequest.class)
            .answers(200, Shape.of(Task.class), "the message is durable and on its way")
            .with(TASK)
            .or(Kind.NOT_FOUND, NO_TASK)
            .or(Kind.CONFLICT, "the task has ended")
            .keyed()
            .build();

    /** Stops a task. */
    public static final Route<Void, Task> STOP_TASK = route(
                    "stopTask", POST, "/tasks/{taskId}/stop", "Stops a task; one that has ended stays as it is")
            .answers(200, Shape.of(Task.class), "the stop is durable")
            .with(TASK)
            .or(Kind.NOT_FOUND, NO_TASK)
            .or(Kind.CONFLICT, "impossible in its present phase")
            .keyed()
            .build();

    /** Tries a task again. */
    public static final Route<Void, Task> RETRY_TASK = route(
                    "retryTask",
                    POST,
                    "/tasks/{taskId}/retry",
                    "Another attempt at a task that ended or whose outcome is unknown")
            .answers(200, Shape.of(Task.class), "the task is queued again")
            .with(TASK)
            .or(Kind.NOT_FOUND, NO_TASK)
            .or(Kind.CONFLICT, "impossible in its present phase")
            .keyed()
            .build();

    /** Lists artifacts. */
    public static final Route<Void, Page<Artifact>> LIST_ARTIFACTS = route(
                    "listArtifacts", GET, "/tasks/{taskId}/artifacts", "Lists the artifacts of a task")
            .answers(200, Shape.page(Artifact.class), "artifacts by name, each of which can be had")
            .with(TASK, CURSOR, LIMIT)
            .or(Kind.NOT_FOUND, NO_TASK)
            .forRoles(READERS)
            .build();

    /** Gives an artifact's bytes. */
    public static final Route<Void, byte[]> GET_ARTIFACT = route(
                    "getArtifact",
                    GET,
                    "/tasks/{taskId}/artifacts/{name}",
                    "Gives an artifact's bytes, with ETag, Repr-Digest and Range")
            .answers(200, Shape.BYTES, "the bytes, under the type their maker gave them, as an attachment")
            .with(TASK, ARTIFACT)
            .or(206, "the part that Range asked for")
            .or(304, "the client has it, as its If-None-Match says")
            .or(Kind.NOT_FOUND, "there is no such task or artifact")
            .or(416, "Range asks for what is not there")
            .forRoles(READERS)
            .build();

    /** Offers an artifact. */
    public static final Route<ArtifactOffer, ArtifactOffset> OFFER_ARTIFACT = route(
                    "offerArtifact",
                    POST,
                    "/tasks/{taskId}/artifacts",
                    "A viber offers an artifact of a task it holds and learns how much of it is here")
            .takes(ArtifactOffer.class)
            .answers(200, Shape.of(ArtifactOffset.class), "where to go on")
            .with(TASK)
            .or(Kind.NOT_FOUND, "this viber holds no such task")
            .or(Kind.CONFLICT, "the attempt is not the present one")
            .forRoles(Role.VIBER)
            .build();

    /** Takes an artifact's bytes. */
    public static final Route<byte[], Artifact> PUT_ARTIFACT = route(
                    "putArtifact",
                    PUT,
                    "/tasks/{taskId}/artifacts/{name}",
                    "A viber hands in an artifact's bytes, from Content-Range's offset to the end; Repr-Digest names their SHA-256")
            .takes(Shape.BYTES)
            .answers(200, Shape.of(Artifact.class), "whole, verified and durable")
            .with(
                    TASK,
                    ARTIFACT,
                    number("attempt", 0, 0, Integer.MAX_VALUE, "The attempt that made it; 0 for the present one."))
            .or(Kind.MALFORMED, "Content-Range, Content-Length or Repr-Digest is missing or wrong")
            .or(Kind.NOT_FOUND, "this viber holds no such task")
            .or(
                    Kind.CONFLICT,
                    "the offset is not the one to go on at, which is given; or the attempt is not the present one")
            .or(Kind.TOO_LARGE, "more than the gateway keeps of one artifact, or of one task")
            .or(Kind.INVALID, "the bytes are not those of the digest")
            .or(Kind.TOO_MANY, "an upload of it is under way")
            .forRoles(Role.VIBER)
            .build();

    /** Lists questions. */
    public static final Route<Void, Page<Approval>> LIST_APPROVALS = route(
                    "listApprovals", GET, "/approvals", "Lists what tasks ask, open questions first")
            .answers(200, Shape.page(Approval.class), "questions")
            .with(text("taskId", "Only those of this task."), CURSOR, LIMIT)
            .forRoles(READERS)
            .build();

    /** Answers a question. */
    public static final Route<DecisionRequest, Approval> DECIDE = route(
                    "decide", POST, "/approvals/{approvalId}", "Answers what a task asked")
            .takes(DecisionRequest.class)
            .answers(200, Shape.of(Approval.class), "the answer is durable")
            .with(path("approvalId", null, "The question's id."))
            .or(Kind.NOT_FOUND, "there is no such question")
            .or(Kind.CONFLICT, "it was answered, or is void")
            .keyed()
            .build();

    /** Lists dead letters. */
    public static final Route<Void, Page<Task>> LIST_DEAD_LETTERS = route(
                    "listDeadLetters", GET, "/dead-letters", "Lists tasks that were given up")
            .answers(200, Shape.page(Task.class), "tasks in the phase dead, newest first")
            .with(OF_VIBER, CURSOR, LIMIT)
            .forRoles(READERS)
            .build();

    /** Tries a dead letter again. */
    public static final Route<Void, Task> RETRY_DEAD_LETTER = route(
                    "retryDeadLetter", POST, "/dead-letters/{taskId}/retry", "Another attempt at a task given up")
            .answers(200, Shape.of(Task.class), "the task is queued again")
            .with(TASK)
            .or(Kind.NOT_FOUND, "there is no such dead letter")
            .keyed()
            .build();

    /** Takes dead letters off the desk. */
    public static final Route<Void, Pruned> PRUNE_DEAD_LETTERS = route(
                    "pruneDeadLetters", DELETE, "/dead-letters", "Takes dead letters off the desk for good")
            .answers(200, Shape.of(Pruned.class), "how many there were")
            .with(text("id", "Only this one; all where it is not there."))
            .or(Kind.NOT_FOUND, "there is no such dead letter")
            .build();

    /** Lists vibers. */
    public static final Route<Void, Page<Viber>> LIST_VIBERS = route("listVibers", GET, "/vibers", "Lists vibers")
            .answers(200, Shape.page(Viber.class), "vibers by id")
            .with(CURSOR, LIMIT)
            .forRoles(READERS)
            .build();

    /** Shows a viber. */
    public static final Route<Void, Viber> GET_VIBER = route("getViber", GET, "/vibers/{viberId}", "Shows a viber")
            .answers(200, Shape.of(Viber.class), "the viber")
            .with(VIBER)
            .or(Kind.NOT_FOUND, NO_VIBER)
            .forRoles(READERS)
            .build();

    /** Changes a viber. */
    public static final Route<ViberChange, Viber> CHANGE_VIBER = route(
                    "changeViber", PATCH, "/vibers/{viberId}", "Changes a viber's name, configuration or both")
            .takes(ViberChange.class)
            .answers(200, Shape.of(Viber.class), "the change is durable and on its way to the viber")
            .with(VIBER)
            .or(Kind.NOT_FOUND, NO_VIBER)
            .build();

    /** Forgets a viber. */
    public static final Route<Void, Void> DELETE_VIBER = route(
                    "deleteViber",
                    DELETE,
                    "/vibers/{viberId}",
                    "Forgets a viber: socket closed, tokens revoked, queued tasks given up")
            .answers(204, Shape.NONE, "forgotten")
            .with(VIBER)
            .or(Kind.NOT_FOUND, NO_VIBER)
            .build();

    /** Issues a viber's token. */
    public static final Route<TokenRequest, Tokens.Issued> ISSUE_TOKEN = route(
                    "issueToken",
                    POST,
                    "/vibers/{viberId}/tokens",
                    "Issues a token for a viber, which is made, offline, where there is none of this id")
            .takes(TokenRequest.class)
            .answers(201, Shape.of(Tokens.Issued.class), "the token, shown this once")
            .with(VIBER)
            .or(Kind.CONFLICT, "the Idempotency-Key was used for another token")
            .forRoles(Role.OWNER)
            .keyed()
            .build();

    /** Lists a viber's tokens. */
    public static final Route<Void, Page<Tokens.Token>> LIST_VIBER_TOKENS = route(
                    "listViberTokens", GET, "/vibers/{viberId}/tokens", "Lists the tokens of a viber")
            .answers(200, Shape.page(Tokens.Token.class), "tokens without their secrets, newest first")
            .with(VIBER, CURSOR, LIMIT)
            .or(Kind.NOT_FOUND, NO_VIBER)
            .forRoles(Role.OWNER)
            .build();

    /** Lists tokens. */
    public static final Route<Void, Page<Tokens.Token>> LIST_TOKENS = route(
                    "listTokens", GET, "/tokens", "Lists all tokens")
            .answers(200, Shape.page(Tokens.Token.class), "tokens without their secrets, newest first")
            .with(CURSOR, LIMIT)
            .forRoles(Role.OWNER)
            .build();

    /** Issues a client's token. */
    public static final Route<ClientTokenRequest, Tokens.Issued> ISSUE_CLIENT_TOKEN = route(
                    "issueClientToken", POST, "/tokens", "Issues a token for a client, such as a person or a program")
            .takes(ClientTokenRequest.class)
            .answers(201, Shape.of(Tokens.Issued.class), "the token, shown this once")
            .or(Kind.CONFLICT, "the Idempotency-Key was used for another token")
            .forRoles(Role.OWNER)
            .keyed()
            .build();

    /** Rotates a token. */
    public static final Route<RotationRequest, Tokens.Issued> ROTATE_TOKEN = route(
                    "rotateToken", POST, "/tokens/{tokenId}/rotate", "Gives a token a new secret; all else of it stays")
            .takes(RotationRequest.class)
            .answers(200, Shape.of(Tokens.Issued.class), "the token with its new secret, shown this once")
            .with(path("tokenId", null, "The token's id."))
            .or(Kind.NOT_FOUND, "there is no such token")
            .or(Kind.CONFLICT, "it is revoked or has expired")
            .forRoles(Role.OWNER)
            .build();

    /** Revokes a token. */
    public static final Route<Void, Void> REVOKE_TOKEN = route(
                    "revokeToken", DELETE, "/tokens/{tokenId}", "Revokes a token; what it opened is closed at once")
            .answers(204, Shape.NONE, "revoked")
            .with(path("tokenId", null, "The token's id."))
            .or(Kind.NOT_FOUND, "there is no such token")
            .forRoles(Role.OWNER)
            .build();

    /** Lists what was done. */
    public static final Route<Void, Page<Audit.AuditEntry>> LIST_AUDIT = route(
                    "listAudit", GET, "/audit", "Lists who did what, when and from where")
            .answers(200, Shape.page(Audit.AuditEntry.class), "entries, newest first")
            .with(CURSOR, LIMIT)
            .forRoles(Role.OWNER)
            .build();

    /** Makes a VM. */
    public static final Route<VmRequest, VmView> CREATE_VM = route(
                    "createVm", POST, "/vms", "Makes a microVM and brings it up")
            .takes(VmRequest.class)
            .answers(201, Shape.of(VmView.class), "its process runs; with wait=ready its guest is ready, too")
            .or(200, "the VM that was made before with this Idempotency-Key")
            .with(WAIT)
            .keyed()
            .or(Kind.CONFLICT, "there is a VM of this name, or the Idempotency-Key was used for another")
            .or(Kind.UNAVAILABLE, "no hypervisor, no image, no address, or it does not start: the reason is told")
            .build();

    /** Lists VMs. */
    public static final Route<Void, List<VmView>> LIST_VMS = route("listVms", GET, "/vms", "Lists microVMs")
            .answers(200, Shape.list(VmView.class), "all of them, oldest first")
            .forRoles(READERS)
            .build();

    /** Shows a VM. */
    public static final Route<Void, VmView> GET_VM = route("getVm", GET, "/vms/{name}", "Shows a microVM")
            .answers(200, Shape.of(VmView.class), "the VM")
            .with(VM)
            .or(Kind.NOT_FOUND, NO_VM)
            .forRoles(READERS)
            .build();

    /** Removes a VM. */
    public static final Route<Void, Void> DELETE_VM = route(
                    "deleteVm", DELETE, "/vms/{name}", "Removes a microVM with all it holds")
            .answers(204, Shape.NONE, "its process is dead and nothing of it is left")
            .with(VM)
            .or(Kind.NOT_FOUND, NO_VM)
            .build();

    /** Brings a VM up. */
    public static final Route<Void, VmView> START_VM = rise("start", "Brings a microVM up that does not run");

    /** Ends a VM. */
    public static final Route<Void, VmView> STOP_VM =
            turn("stop", "Ends a microVM: asks its guest, and after some seconds does not ask any more");

    /** Ends a VM and brings it up. */
    public static final Route<Void, VmView> RESTART_VM = rise("restart", "Ends a microVM and brings it up again");

    /** Pauses a VM. */
    public static final Route<Void, VmView> PAUSE_VM = turn("pause", "Makes a microVM stand still");

    /** Resumes a VM. */
    public static final Route<Void, VmView> RESUME_VM =
            rise("resume", "Lets a microVM go on that is paused or stands by");

    /** Installs a plugin. */
    public static final Route<InputStream, Plugin> INSTALL_PLUGIN = route(
                    "installPlugin",
                    POST,
                    "/plugins",
                    "Installs a plugin on a viber, or updates the one of the same symbolic name; the body is its jar")
            .takes(Shape.JAR)
            .answers(201, Shape.of(Plugin.class), "it serves")
            .with(text("viber", "The viber's id; not needed where only one takes plugins."), SIGNATURE, DOWNGRADE)
            .or(202, NOT_YET)
            .or(Kind.NOT_FOUND, NO_VIBER)
            .or(Kind.CONFLICT, "the viber takes no plugins, a newer version serves, or a roll-out is under way")
            .or(Kind.INVALID, REFUSED)
            .forRoles(Role.OWNER)
            .keyed()
            .build();

    /** Lists plugins. */
    public static final Route<Void, Page<Plugin>> LIST_PLUGINS = route(
                    "listPlugins", GET, "/plugins", "Lists plugins of vibers")
            .answers(200, Shape.page(Plugin.class), "plugins by id")
            .with(text("viber", "Only those of this viber."), CURSOR, LIMIT)
            .forRoles(READERS)
            .build();

    /** Shows a plugin. */
    public static final Route<Void, Plugin> GET_PLUGIN = route(
                    "getPlugin", GET, "/plugins/{pluginId}", "Shows a plugin")
            .answers(200, Shape.of(Plugin.class), "the plugin")
            .with(PLUGIN)
            .or(Kind.NOT_FOUND, NO_PLUGIN)
            .forRoles(READERS)
            .build();

    /** Updates a plugin. */
    public static final Route<InputStream, Plugin> UPDATE_PLUGIN = route(
                    "updatePlugin",
                    PUT,
                    "/plugins/{pluginId}",
                    "Updates a plugin; calls in flight end on the version before, and a version that is not well is rolled back")
            .takes(Shape.JAR)
            .answers(200, Shape.of(Plugin.class), "the new version serves")
            .with(PLUGIN, SIGNATURE, DOWNGRADE)
            .or(202, NOT_YET)
            .or(Kind.NOT_FOUND, NO_PLUGIN)
            .or(Kind.CONFLICT, "a newer version serves, or a roll-out is under way")
            .or(Kind.INVALID, REFUSED)
            .forRoles(Role.OWNER)
            .keyed()
            .build();

    /** Removes a plugin. */
    public static final Route<Void, Void> REMOVE_PLUGIN = route(
                    "removePlugin", DELETE, "/plugins/{pluginId}", "Removes a plugin; calls in flight end first")
            .answers(204, Shape.NONE, "it is gone")
            .with(PLUGIN)
            .or(202, "the viber is away, or needs longer; it is removed when it can be")
            .or(Kind.NOT_FOUND, NO_PLUGIN)
            .forRoles(Role.OWNER)
            .keyed()
            .build();

    /** Gives a viber the jar it was offered. */
    public static final Route<Void, InputStream> PLUGIN_JAR = route(
                    "pluginJar", GET, "/plugins/jars/{digest}", "Gives a viber the jar that it was offered")
            .answers(200, Shape.JAR, "the jar")
            .with(path("digest", JarFolder.DIGEST_PATTERN, "The jar's digest."))
            .or(Kind.NOT_FOUND, "no such jar is offered to this viber")
            .forRoles(Role.VIBER)
            .build();

    /** Follows the journal. */
    public static final Route<Void, Map<String, Object>> EVENTS = route(
                    "events", GET, "/events", "Follows what happens, as a stream of CloudEvents")
            .answers(200, Shape.OBJECT, "a stream of server-sent events")
            .with(
                    text(
                            "topic",
                            "Topics, separated by commas, a star for all of a subject: `task/*,viber/*`; all where it is not there."),
                    text(
                            "lastEventId",
                            "As the header Last-Event-ID, which goes before it: the position to go on behind; 0 for the beginning, only what comes where it is not there."))
            .or(204, "all topics are tasks that ended, and the stream is at its end already")
            .forRoles(READERS)
            .streamed()
            .build();

    /** Shows how the server is. */
    public static final Route<Void, SystemStatus> SYSTEM_STATUS = route(
                    "systemStatus", GET, "/system/status", "Shows how the server is")
            .answers(200, Shape.of(SystemStatus.class), "counts and facts")
            .forRoles(READERS)
            .build();

    /** Describes all this. */
    public static final Route<Void, Map<String, Object>> OPENAPI = route(
                    "openapi", GET, "/openapi.json", "Describes this interface as OpenAPI 3.1")
            .answers(200, Shape.OBJECT, "the description")
            .forRoles(READERS)
            .build();

    /** All of them, in the order in which they are described. */
    public static final List<Route<?, ?>> ALL = together(List.<List<Route<?, ?>>>of(
            List.of(
                    SUBMIT_TASK,
                    LIST_TASKS,
                    GET_TASK,
                    TASK_EVENTS,
                    MESSAGE_TASK,
                    STOP_TASK,
                    RETRY_TASK,
                    LIST_ARTIFACTS,
                    GET_ARTIFACT,
                    OFFER_ARTIFACT,
                    PUT_ARTIFACT,
                    LIST_APPROVALS,
                    DECIDE,
                    LIST_DEAD_LETTERS,
                    RETRY_DEAD_LETTER,
                    PRUNE_DEAD_LETTERS,
                    LIST_VIBERS,
                    GET_VIBER,
                    CHANGE_VIBER,
                    DELETE_VIBER,
                    ISSUE_TOKEN,
                    LIST_VIBER_TOKENS,
                    ISSUE_CLIENT_TOKEN,
                    LIST_TOKENS,
                    ROTATE_TOKEN,
                    REVOKE_TOKEN,
                    LIST_AUDIT,
                    CREATE_VM,
                    LIST_VMS,
                    GET_VM,
                    DELETE_VM,
                    START_VM,
                    STOP_VM,
                    RESTART_VM,
                    PAUSE_VM,
                    RESUME_VM,
                    INSTALL_PLUGIN,
                    LIST_PLUGINS,
                    GET_PLUGIN,
                    UPDATE_PLUGIN,
                    REMOVE_PLUGIN,
                    PLUGIN_JAR,
                    EVENTS,
                    SYSTEM_STATUS,
                    OPENAPI),
            VmRoutes.ALL,
            PoolRoutes.ALL,
            WorkloadRoutes.ALL,
            BrowserRoutes.ALL));

    private Routes() {}

    private static List<Route<?, ?>> together(List<List<Route<?, ?>>> parts) {
        return parts.stream().<Route<?, ?>>flatMap(List::stream).toList();
    }

    private static Route<Void, VmView> turn(String verb, String summary) {
        return turn(verb, summary, "done, and durable", VM);
    }

    private static Route<Void, VmView> rise(String verb, String summary) {
        return turn(verb, summary, "done, and durable; with wait=ready its guest is ready, too", VM, WAIT);
    }

    private static Route<Void, VmView> turn(String verb, String summary, String done, Parameter... parameters) {
        return route(verb + "Vm", POST, "/vms/{name}/" + verb, summary)
                .answers(200, Shape.of(VmView.class), done)
                .with(parameters)
                .or(Kind.NOT_FOUND, NO_VM)
                .or(Kind.CONFLICT, "it stands where this is impossible")
                .or(Kind.UNAVAILABLE, "it cannot be done, with the reason")
                .build();
    }
}
