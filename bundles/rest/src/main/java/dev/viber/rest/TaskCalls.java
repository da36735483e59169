package dev.viber.rest;

import dev.viber.api.auth.Principal;
import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.event.EventBus.LaggedException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.DecisionRequest;
import dev.viber.api.rest.MessageRequest;
import dev.viber.api.rest.Pruned;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.TaskEvents;
import dev.viber.api.rest.TaskRequest;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.task.Approval;
import dev.viber.api.task.Decision;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskDesk;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.task.TaskDesk.Query;
import dev.viber.api.task.TaskDesk.Submitted;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskMessage;
import dev.viber.api.task.TaskSubmission;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.osgi.util.promise.Promise;

/** What the routes about tasks, questions and dead letters do. */
final class TaskCalls {
    private final Desks desks;
    private final SseStreams streams;

    TaskCalls(Desks desks, SseStreams streams) {
        this.desks = desks;
        this.streams = streams;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.SUBMIT_TASK, this::submit),
                new Binding<>(Routes.LIST_TASKS, this::list),
                new Binding<>(Routes.GET_TASK, call -> Work.Answer.of(200, find(call.text("taskId")))),
                new Binding<>(Routes.TASK_EVENTS, this::events, streams::task),
                new Binding<>(Routes.EVENTS, call -> Work.Answer.of(200, Map.of()), streams::all),
                new Binding<>(Routes.MESSAGE_TASK, this::message),
                new Binding<>(Routes.STOP_TASK, call -> task(call, desk -> desk.stop(call.text("taskId")))),
                new Binding<>(Routes.RETRY_TASK, call -> task(call, desk -> desk.retry(call.text("taskId")))),
                new Binding<>(Routes.LIST_APPROVALS, this::approvals),
                new Binding<>(Routes.DECIDE, this::decide),
                new Binding<>(Routes.LIST_DEAD_LETTERS, this::deadLetters),
                new Binding<>(Routes.RETRY_DEAD_LETTER, call -> task(call, desk -> desk.revive(call.text("taskId")))),
                new Binding<>(Routes.PRUNE_DEAD_LETTERS, this::prune));
    }

    private Work.Answer<Task> submit(Call<TaskRequest> call) throws Exception {
        TaskRequest request = call.content();
        TaskSubmission submission = new TaskSubmission(
                request.goal(),
                request.viberId(),
                Objects.requireNonNullElse(request.options(), Map.of()),
                call.idempotencyKey(),
                call.traceparent());
        String who = who(call);
        Promise<Submitted> promise = desks.tasks.callAsync(desk -> desk.by(who).submit(submission));
        Submitted submitted = promise.getValue();
        Task task = submitted.task();
        Map<String, String> headers = new HashMap<>();
        headers.put("Location", Routes.BASE + "/tasks/" + task.id());
        if (task.traceparent() != null) {
            headers.put("traceresponse", task.traceparent());
        }
        return new Work.Answer<>(submitted.created() ? 201 : 200, task, null, headers);
    }

    private Work.Answer<Page<Task>> list(Call<Void> call) {
        return page(new Query(
                call.optional("status"),
                call.optional("phase"),
                call.optional("viberId"),
                call.optional("cursor"),
                (int) call.number("limit")));
    }

    private Work.Answer<Page<Task>> deadLetters(Call<Void> call) {
        return page(new Query(null, Phase.DEAD.word(), call.optional("viberId"), call.optional("cursor"), (int)
                call.number("limit")));
    }

    private Work.Answer<Page<Task>> page(Query query) {
        return Work.Answer.of(200, desks.tasks.call(desk -> desk.list(query)));
    }

    private Task find(String taskId) {
        return desks.tasks.call(desk -> desk.find(taskId)).orElseThrow(() -> ProblemException.notFound("task", taskId));
    }

    private Work.Answer<TaskEvents> events(Call<Void> call) throws InterruptedException {
        String taskId = call.text("taskId");
        Task task = find(taskId);
        long limit = call.number("limit");
        Framing framing = new Framing.OfTask(taskId);
        JsonBytes out = new JsonBytes(16 * 1024).put("{\"items\":[");
        long last = call.number("after");
        long count = 0;
        try (Cursor cursor = desks.events.call(bus -> bus.follow("task/" + taskId, call.number("after")))) {
            while (count < limit && last < task.lastSeq()) {
                List<Segment> segments = next(cursor);
                for (Segment segment : segments) {
                    List<JournalEvent> events = segment.events();
                    for (int i = 0; i < events.size() && count < limit; i++) {
                        last = segment.seq() + i;
                        if (count++ > 0) {
                            out.put(",");
                        }
                        framing.object(out, segment.position() + i, segment.topic(), last, events.get(i));
                    }
                }
                if (segments.isEmpty()) {
                    break;
                }
            }
        }
        out.put("],\"next\":");
        if (last < task.lastSeq() && count > 0) {
            out.put(last);
        } else {
            out.put("null");
        }
        return Work.Answer.raw(out.put("}").asByteBuffer());
    }

    /** What is there; what was forgotten shows as a gap in seq. */
    private static List<Segment> next(Cursor cursor) throws InterruptedException {
        try {
            return cursor.next(Duration.ofSeconds(1));
        } catch (LaggedException e) {
            try {
                return cursor.next(Duration.ofSeconds(1)); // the cursor stands behind the gap now
            } catch (LaggedException again) {
                return List.of();
            }
        }
    }

    private Work.Answer<Task> message(Call<MessageRequest> call) throws Exception {
        MessageRequest request = call.content();
        String mode = Objects.requireNonNullElse(request.mode(), TaskMessage.Mode.FOLLOWUP.word());
        TaskMessage message =
                new TaskMessage(request.message(), TaskMessage.Mode.valueOf(mode.toUpperCase(Locale.ROOT)));
        return task(call, desk -> desk.message(call.text("taskId"), message));
    }

    private Work.Answer<Task> task(Call<?> call, Function<TaskDesk, Promise<Task>> change) throws Exception {
        return Work.Answer.of(200, once(call, change));
    }

    /** Does it, once for each Idempotency-Key where one is given. */
    private <T> T once(Call<?> call, Function<TaskDesk, Promise<T>> change) throws Exception {
        String key = call.idempotencyKey();
        String who = who(call);
        Promise<T> promise = desks.tasks.callAsync(
                desk -> change.apply(key == null ? desk.by(who) : desk.by(who).once(key)));
        return promise.getValue();
    }

    private Work.Answer<Page<Approval>> approvals(Call<Void> call) {
        List<Approval> approvals = desks.tasks.call(desk -> desk.approvals(call.optional("taskId")));
        return Work.Answer.of(200, Pages.cut(approvals, Approval::id, call));
    }

    private Work.Answer<Approval> decide(Call<DecisionRequest> call) throws Exception {
        DecisionRequest request = call.content();
        Decision decision = new Decision(request.allow(), who(call), request.remember());
        return Work.Answer.of(200, once(call, desk -> desk.decide(call.text("approvalId"), decision)));
    }

    /** The caller's name for people; that of the token where it has none. */
    private static String who(Call<?> call) {
        Principal caller = call.principal();
        String name = caller.name();
        return name == null || name.isBlank() ? caller.tokenId() : name;
    }

    private Work.Answer<Pruned> prune(Call<Void> call) throws Exception {
        Promise<Integer> promise = desks.tasks.callAsync(desk -> desk.prune(call.optional("id")));
        return Work.Answer.of(200, new Pruned(promise.getValue()));
    }
}
