package dev.viber.cli;

import dev.viber.api.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task's story as a page of 80 columns. */
final class StoryPage {
    private static final int WIDTH = 80;
    private static final int MOST_STEPS = 40;
    private static final int MOST_MOMENTS = 60;
    private static final int LABEL = 10;

    private final Story story;
    private final Task task;
    private final DateTimeFormatter clock;
    private final List<String> lines = new ArrayList<>();

    StoryPage(Story story, ZoneId zone) {
        this.story = story;
        this.task = story.task();
        clock = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss zzz", Locale.ROOT)
                .withZone(zone);
    }

    /** The page, line by line. */
    List<String> lines() {
        wrap("", task.goal());
        lines.add("─".repeat(WIDTH));
        head();
        steps();
        artifacts();
        moments();
        section("Next");
        story.next().forEach(command -> lines.add("  " + command));
        return lines;
    }

    private void head() {
        fact("task", task.id());
        fact("state", state());
        fact("error", task.error());
        String where = story.attempts().isEmpty()
                ? task.viberId() == null ? ", for any viber" : ", for viber " + task.viberId()
                : "";
        fact(
                "asked",
                clock.format(task.createdAt()) + (story.askedBy() == null ? "" : ", by " + story.askedBy()) + where);
        fact("waits for", task.waitsFor());
        if (!story.attempts().isEmpty()) {
            Story.Attempt last = story.attempts().getLast();
            fact("viber", last.viberId() + (last.why() == null ? "" : ", " + last.why()));
            fact("waited", Spans.text(Duration.ofMillis(Math.round(story.waited() * 1000))) + " for a viber");
        }
        story.questions().stream()
                .filter(question -> question.allowed == null && task.phase().equals("waiting"))
                .forEach(question -> fact("asks", question.reason));
        if (task.result() != null) {
            fact(
                    "summary",
                    task.result().get("summary") == null
                            ? null
                            : Output.text(task.result().get("summary")));
            if (task.result().get("outputs") instanceof Map<?, ?> outputs && !outputs.isEmpty()) {
                outputs.forEach((name, value) -> fact("output", name + ": " + Output.brief(Output.text(value), 300)));
            }
        }
        fact("spent", task.usage() == null ? null : spent(task.usage()));
        fact("trace", story.traceId());
    }

    private String state() {
        String word = task.status().equals(task.phase()) ? task.status() : task.status() + ", " + task.phase();
        String tries = task.attempt() > 1 ? ", attempt " + task.attempt() : "";
        Instant end = task.completedAt();
        return end == null
                ? word + tries + ", for " + Spans.text(story.age()) + " now"
                : word + tries + ", after " + Spans.text(story.age());
    }

    private static String spent(Map<String, Object> usage) {
        Map<?, ?> budget = usage.get("budget") instanceof Map<?, ?> limits ? limits : Map.of();
        List<String> parts = new ArrayList<>();
        for (List<String> each :
                List.of(List.of("steps", "steps"), List.of("toolCalls", "tool calls"), List.of("seconds", "seconds"))) {
            Object value = usage.get(each.getFirst());
            if (value != null) {
                Object limit = budget.get(each.getFirst());
                parts.add(value + (limit == null ? "" : " of " + limit) + " " + each.getLast());
            }
        }
        return String.join(", ", parts);
    }

    private void steps() {
        List<StorySteps.Step> all = story.steps().all();
        if (all.isEmpty()) {
            return;
        }
        section("Steps"
                + (story.steps().name() == null ? "" : " of " + story.steps().name()));
        int ids = width(all.stream().map(step -> step.id).toList(), 24);
        int tools = width(all.stream().map(step -> Output.text(step.tool)).toList(), 20);
        for (StorySteps.Step step : all.subList(0, Math.min(MOST_STEPS, all.size()))) {
            Duration took = step.took();
            String line = "  %s %s  %s  %10s  %s"
                    .formatted(
                            mark(step),
                            cell(step.id, ids),
                            cell(Output.text(step.tool), tools),
                            took == null ? "" : Spans.text(took),
                            remarks(step));
            lines.add(cut(line.stripTrailing()));
        }
        if (all.size() > MOST_STEPS) {
            lines.add("  … and %d more".formatted(all.size() - MOST_STEPS));
        }
    }

    private static String remarks(StorySteps.Step step) {
        List<String> remarks = new ArrayList<>();
        if (!List.of("completed", "pending", "failed").contains(step.state)) {
            remarks.add(step.state);
        }
        if (step.rounds > 0) {
            remarks.add(Story.plural(step.rounds, "round")
                    + (step.failedRounds > 0 ? ", %d failed".formatted(step.failedRounds) : ""));
        }
        if (step.calls > 1) {
            remarks.add(step.calls + " calls");
        }
        if (step.retries > 0) {
            remarks.add(step.retries == 1 ? "1 retry" : step.retries + " retries");
        }
        if (step.error != null && step.state.equals("failed")) {
            remarks.add(step.error);
        }
        return String.join(", ", remarks);
    }

    private static String mark(StorySteps.Step step) {
        return switch (step.state) {
            case "completed" -> "✓";
            case "failed", "unknown" -> "✗";
            case "skipped" -> "-";
            case "pending" -> "·";
            case "started" -> "▸";
            default -> "…";
        };
    }

    private void artifacts() {
        if (task.artifacts().isEmpty()) {
            return;
        }
        section("Artifacts");
        for (Map<String, Object> artifact : task.artifacts()) {
            lines.add(cut(
                    "  %s  %s, %s bytes".formatted(artifact.get("name"), artifact.get("type"), artifact.get("bytes"))));
        }
    }

    private void moments() {
        List<Story.Moment> all = story.moments();
        if (all.isEmpty()) {
            return;
        }
        section("What happened");
        // The beginning and the end tell most.
        int head = all.size() <= MOST_MOMENTS ? all.size() : MOST_MOMENTS / 2;
        all.subList(0, head).forEach(this::moment);
        if (head < all.size()) {
            lines.add(
                    "  … %d more: %s".formatted(all.size() - MOST_MOMENTS, Hint.command("task", "events", task.id())));
            all.subList(all.size() - (MOST_MOMENTS - head), all.size()).forEach(this::moment);
        }
    }

    private void moment(Story.Moment moment) {
        Duration since = Duration.between(task.createdAt(), moment.at());
        wrap("  %12s  ".formatted("+" + Spans.text(since)), Output.brief(moment.what(), 400));
    }

    private void section(String title) {
        lines.add("");
        lines.add(cut(title));
    }

    private void fact(String label, @Nullable String text) {
        if (text != null) {
            wrap(cell(label, LABEL), Output.brief(text, 2_000));
        }
    }

    /** A text behind its label, in as many lines as it takes, each as far in as the first. */
    private void wrap(String label, String text) {
        String before = label;
        String rest = text.strip();
        int room = WIDTH - label.length();
        while (rest.length() > room) {
            int space = rest.lastIndexOf(' ', room);
            int end = space <= 0 ? room : space;
            lines.add(before + rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).strip();
            before = " ".repeat(label.length());
        }
        lines.add(before + rest);
    }

    private static int width(List<String> texts, int most) {
        return Math.min(most, texts.stream().mapToInt(String::length).max().orElse(0));
    }

    private static String cell(String text, int width) {
        String cut = text.length() <= width ? text : text.substring(0, width - 1) + "…";
        return cut + " ".repeat(width - cut.length());
    }

    private static String cut(String line) {
        String one = line.replaceAll("\\s*\\R\\s*", " ");
        return one.length() <= WIDTH ? one : one.substring(0, WIDTH - 1) + "…";
    }
}
