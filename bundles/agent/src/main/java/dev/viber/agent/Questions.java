package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.ApprovalRow;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/** The questions of one run that wait for a person. */
final class Questions {
    private static final int MOST = 10_000;

    private final Gate<Store> store;
    private final RunRecord record;
    private final RunThreads threads;
    private final String taskId;
    private final Map<String, CompletableFuture<ApprovalRow>> open = new ConcurrentHashMap<>();

    Questions(Gate<Store> store, RunRecord record, RunThreads threads, String taskId) {
        this.store = store;
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
            answer = answered.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer is never an exception", e);
        } finally {
            open.remove(id);
        }
        threads.unpark();
        record.answered(answer);
        return answer;
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
