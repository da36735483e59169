package dev.viber.agent;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Tables;
import dev.viber.api.task.StreamEvent.StepChanged;
import dev.viber.api.task.StreamEvent.ToolAnswered;
import dev.viber.api.task.StreamEvent.ToolCalled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a run had reached, folded from its journal. */
final class RunPast {
    private static final int PAGE = 1_000;

    /** What is known of a step, or of one round of a forEach. */
    static final class Unit {
        StepLifecycle.State state = StepLifecycle.State.PENDING;
        int starts;
        int asks;
        int retries;

        @Nullable
        ToolCalled openCall;

        @Nullable
        Instant resumeAt;

        @Nullable
        StepChanged end;

        /** Whether a timer is set, rather than a person asked. */
        boolean hasTimer() {
            return state == StepLifecycle.State.WAITING && resumeAt != null;
        }
    }

    private final Map<String, Unit> units = new LinkedHashMap<>();
    private final List<String> failed = new ArrayList<>();
    private final List<Map<String, Object>> messages = new ArrayList<>();
    private boolean planned;
    private long toolCalls;

    /** The past of a task; a look at one snapshot of the store. */
    static RunPast read(Tables tables, String topic) {
        RunPast past = new RunPast();
        Tables.Journal journal = tables.journal();
        if (journal.firstSeq(topic) > 1) {
            throw new IllegalStateException(
                    "the journal of %s begins at %d: what the steps before that did is forgotten"
                            .formatted(topic, journal.firstSeq(topic)));
        }
        long after = 0;
        List<Segment> page = journal.read(topic, after, PAGE);
        while (!page.isEmpty()) {
            for (Segment segment : page) {
                segment.events().forEach(past::add);
                after = segment.lastSeq();
            }
            page = journal.read(topic, after, PAGE);
        }
        return past;
    }

    boolean isPlanned() {
        return planned;
    }

    /** The step or round of this name; a new one where nothing is known of it. */
    Unit unit(String key) {
        Unit unit = units.get(key);
        return unit == null ? new Unit() : unit;
    }

    /** What failed for good, in that order. */
    List<String> failed() {
        return List.copyOf(failed);
    }

    /** How many calls of tools were made, as far as is known. */
    long toolCalls() {
        return toolCalls;
    }

    /** How many calls were cut off without an answer. */
    long openCalls() {
        return units.values().stream().filter(unit -> unit.openCall != null).count();
    }

    /** How many steps were begun; of one with rounds, the rounds count. */
    long steps() {
        Set<String> withRounds = new HashSet<>();
        for (String key : units.keySet()) {
            int bracket = key.indexOf('[');
            if (bracket > 0) {
                withRounds.add(key.substring(0, bracket));
            }
        }
        return units.entrySet().stream()
                .filter(unit ->
                        unit.getValue().state != StepLifecycle.State.SKIPPED && !withRounds.contains(unit.getKey()))
                .count();
    }

    List<Map<String, Object>> messages() {
        return List.copyOf(messages);
    }

    private void add(JournalEvent entry) {
        if (!entry.kind().equals("progress")) {
            return;
        }
        JsonNode event = Json.tree(entry.data()).path("event");
        switch (event.path("kind").asString("")) {
            case "plan" -> planned = true;
            case "message" ->
                messages.add(Map.of(
                        "mode",
                        event.path("mode").asString(""),
                        "message",
                        event.path("message").asString("")));
            case "tool-call" -> {
                ToolCalled call = Json.read(event, ToolCalled.class);
                toolCalls++;
                units.computeIfAbsent(call.step(), key -> new Unit()).openCall = call;
            }
            case "tool-result" -> {
                ToolAnswered answer = Json.read(event, ToolAnswered.class);
                for (Unit unit : units.values()) {
                    if (unit.openCall != null && unit.openCall.callId().equals(answer.callId())) {
                        unit.openCall = null;
                    }
                }
            }
            case "step" -> step(Json.read(event, StepChanged.class));
            default -> {
                // the other kinds are for those who watch
            }
        }
    }

    private void step(StepChanged change) {
        Unit unit = units.computeIfAbsent(change.step(), key -> new Unit());
        unit.state = StepLifecycle.State.of(change.state());
        unit.resumeAt = change.resumeAt() == null ? null : Instant.parse(change.resumeAt());
        switch (unit.state) {
            case STARTED -> unit.starts++;
            case RETRYING -> unit.retries++;
            case UNKNOWN -> {
                unit.asks++;
                unit.retries = 0;
                unit.openCall = null;
            }
            case WAITING -> {
                if (!unit.hasTimer()) {
                    unit.asks++;
                    unit.retries = 0;
                }
            }
            case FAILED -> {
                failed.add(change.step());
                unit.end = change;
            }
            case COMPLETED, SKIPPED -> unit.end = change;
            case PENDING -> {
                // never journaled
            }
        }
    }
}
