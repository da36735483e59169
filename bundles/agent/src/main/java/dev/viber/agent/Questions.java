package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.ApprovalRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The questions of one run that wait for a person. */
final class Questions {
    private static final Logger LOG = LoggerFactory.getLogger(Questions.class);
    private static final int MOST = 10_000;

    private static final Duration CLOCK_CHECK = Duration.ofMinutes(1);

    private final Gate<Store> store;
    private final Parts.Wishes wishes;
    private final RunRecord record;
    private final RunThreads threads;
    private final String taskId;
    private final Map<String, CompletableFuture<ApprovalRow>> open = new ConcurrentHashMap<>();

    Questions(Gate<Store> store, Parts.Wishes wishes, RunRecord record, RunThreads threads, String taskId) {
        this.store = store;
        this.wishes = wishes;
        this.record = record;
        this.threads = threads;
        this.taskId = taskId;
    }

    /** Waits for the answer to a question that is in the store; takes no slot meanwhile. */
    ApprovalRow answer(String id) throws InterruptedException {
        CompletableFuture<ApprovalRow> answered = new CompletableFuture<>();
        open.put(id, answered);
        look();
        threads.park();
        ApprovalRow answer;
        try {
            answer = await(id, answered);
        } finally {
            open.remove(id);
        }
        threads.unpark();
        record.answered(answer);
        return answer;
    }

    /** The answer, or what the policy puts in its place once it is overdue; its time runs from when it was asked. */
    private ApprovalRow await(String id, CompletableFuture<ApprovalRow> answered) throws InterruptedException {
        while (true) {
            Policy policy = wishes.policy;
            Duration wait = CLOCK_CHECK;
            if (policy.timeout() != null) {
                Duration left = Duration.between(Instant.now(), askedAt(id).plus(policy.timeout()));
                if (!left.isPositive()) {
                    record.overdue(id, policy.onTimeout());
                    look();
                }
                wait = left.isPositive() && left.compareTo(wait) < 0 ? left : wait;
            }
            try {
                return answered.get(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.trace("question {} is open still", id);
            } catch (ExecutionException e) {
                throw new IllegalStateException("an answer is never an exception", e);
            }
        }
    }

    private Instant askedAt(String id) {
        return store.call(s -> s.read(tables -> tables.approvals().find(id)))
                .map(ApprovalRow::createdAt)
                .orElseThrow(() -> new IllegalStateException("question " + id + " is not in the store"));
    }

    /** Whether what is asked about by this key was answered for good; empty where it was not. */
    Optional<Boolean> remembered(String key) {
        return store.call(s -> s.read(tables -> Remembered.find(tables, taskId, key)));
    }

    /** Whether one of these questions was about this very call and allowed. */
    boolean isAllowed(List<String> questionIds, String tool, String arguments) {
        return !questionIds.isEmpty()
                && store.call(s -> s.read(tables -> questionIds.stream()
                        .flatMap(id -> tables.approvals().find(id).stream())
                        .anyMatch(row -> row.state().equals("allowed")
                                && tool.equals(row.tool())
                                && arguments.equals(row.arguments()))));
    }

    /** Looks into the store for answers. */
    void look() {
        if (open.isEmpty()) {
            return;
        }
        for (ApprovalRow row :
                store.call(s -> s.read(tables -> tables.approvals().list(taskId, MOST)))) {
            CompletableFuture<ApprovalRow> waiting = open.get(row.id());
            if (waiting != null && !row.state().equals("open")) {
                waiting.complete(row);
            }
        }
    }
}
