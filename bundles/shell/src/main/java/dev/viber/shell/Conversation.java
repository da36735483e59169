package dev.viber.shell;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.trace.TraceContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * One connection: a request per line, each a JSON object with {@code call}; answered by lines, the last of which has
 * {@code done} or, where it went wrong, {@code error} with {@code status} and {@code type}.
 */
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final int LONGEST_LINE = 4 * 1024 * 1024;

    private final Supplier<Map<String, Object>> status;
    private final LocalTasks tasks;
    private final LocalPlugins plugins;
    private final LocalAnswers answers;
    private final Gate<Lines> lines;
    private final BufferedReader in;
    private final Writer out;
    private Lines.@Nullable Session session;
    private @Nullable Lines sessionOf;

    Conversation(
            SocketChannel connection,
            Supplier<Map<String, Object>> status,
            LocalTasks tasks,
            LocalPlugins plugins,
            LocalAnswers answers,
            Gate<Lines> lines) {
        this.status = status;
        this.tasks = tasks;
        this.plugins = plugins;
        this.answers = answers;
        this.lines = lines;
        in = new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
        out = Channels.newWriter(connection, StandardCharsets.UTF_8);
    }

    /** Answers until the other side is gone. */
    void hold() {
        try {
            for (String line = readLine(); line != null; line = readLine()) {
                if (!line.isBlank()) {
                    answer(line);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("the other side is gone: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            endSession();
        }
    }

    private @Nullable String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return line.toString();
            }
            if (line.length() >= LONGEST_LINE) {
                throw new IOException("a line of more than " + LONGEST_LINE + " characters");
            }
            line.append((char) c);
        }
        return line.isEmpty() ? null : line.toString();
    }

    private String begin(Map<String, Object> request) throws InterruptedException {
        String traceparent = request.get(TraceContext.HEADER) instanceof String given ? given : null;
        return tasks.begin(text(request, "goal"), options(request), traceparent);
    }

    private void answer(String line) throws InterruptedException {
        try {
            Map<String, Object> request = Json.object(line);
            String call = String.valueOf(request.get("call"));
            switch (call) {
                case "status" -> {
                    Map<String, Object> answer = new LinkedHashMap<>(status.get());
                    answer.put("done", true);
                    say(answer);
                }
                case "run" -> {
                    String taskId = begin(request);
                    tasks.follow(taskId, 0, this::say);
                    say(Map.of("done", true, "taskId", taskId));
                }
                case "begin" -> say(Map.of("done", true, "taskId", begin(request)));
                case "follow" -> {
                    long after = request.get("after") instanceof Number number ? number.longValue() : 0;
                    tasks.follow(text(request, "taskId"), after, this::say);
                    say(Map.of("done", true));
                }
                case "stop" -> {
                    tasks.stop(text(request, "taskId"));
                    say(Map.of("done", true));
                }
                case "plugins" -> {
                    plugins.list().forEach(plugin -> say(Map.of("plugin", plugin)));
                    say(Map.of("done", true));
                }
                case "plugin-install" -> {
                    Plugin plugin = plugins.install(
                            text(request, "file"),
                            request.get("signature") instanceof String signature ? signature : null,
                            Boolean.TRUE.equals(request.get("downgrade")));
                    say(Map.of("done", true, "plugin", plugin));
                }
                case "plugin-remove" -> say(Map.of("done", true, "plugin", plugins.remove(text(request, "id"))));
                case "approvals" -> items(answers.approvals());
                case "decide" -> {
                    String remember = request.get("remember") instanceof String scope ? scope : null;
                    Map<String, Object> answer = new LinkedHashMap<>(answers.decide(
                            text(request, "approvalId"), Boolean.TRUE.equals(request.get("allow")), remember));
                    answer.put("done", true);
                    say(answer);
                }
                case "remembered" -> items(answers.remembered());
                case "forget" -> {
                    answers.forget(text(request, "id"));
                    say(Map.of("done", true));
                }
                case "artifacts" -> items(answers.artifacts(text(request, "taskId")));
                case "shell" -> {
                    shell(text(request, "line"));
                    say(Map.of("done", true));
                }
                default ->
                    throw new ProblemException(
                            Kind.MALFORMED,
                            "'%s' is no call; there are status, run, begin, follow, stop, plugins, plugin-install, plugin-remove, approvals, decide, remembered, forget, artifacts and shell"
                                    .formatted(call));
            }
        } catch (ProblemException e) {
            Map<String, Object> answer = new LinkedHashMap<>(e.extensions());
            answer.put("error", String.valueOf(e.getMessage()));
            answer.put("type", e.kind().type());
            answer.put("status", e.kind().status());
            say(answer);
        } catch (JacksonException e) {
            say(Map.of("error", "a line is one JSON object: " + e.getOriginalMessage(), "status", 400));
        } catch (UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("A local call failed", e);
            say(Map.of("error", String.valueOf(e.getMessage()), "status", 500));
        }
    }

    private void items(List<Map<String, Object>> items) {
        say(Map.of("done", true, "items", items));
    }

    private void shell(String line) throws InterruptedException {
        if (!lines.isOpen()) {
            throw new ProblemException(Kind.UNAVAILABLE, "no shell is installed in this process (Felix Gogo)");
        }
        Exception failed = lines.call(present -> {
            try {
                session(present).run(line, text -> say(Map.of("out", text)));
                return null;
            } catch (UncheckedIOException | InterruptedException e) {
                return e;
            } catch (Exception e) { // a command may throw anything; it is the answer
                String message = e.getMessage() == null ? e.toString() : e.getMessage();
                return new ProblemException(Kind.INVALID, message);
            }
        });
        switch (failed) {
            case null -> {}
            case InterruptedException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException(failed);
        }
    }

    @SuppressWarnings("ReferenceEquality") // another shell is another service
    private Lines.Session session(Lines present) {
        Lines.Session had = session;
        if (had != null && sessionOf == present) {
            return had;
        }
        endSession();
        Lines.Session opened = present.open();
        session = opened;
        sessionOf = present;
        return opened;
    }

    private void endSession() {
        Lines.Session had = session;
        session = null;
        if (had != null) {
            had.close();
        }
    }

    private void say(Map<String, ?> line) {
        try {
            synchronized (out) {
                out.write(Json.write(line));
                out.write('\n');
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Map<String, Object> request, String name) {
        if (request.get(name) instanceof String text && !text.isBlank()) {
            return text;
        }
        throw ProblemException.invalid("/" + name, "'" + name + "' is missing or no text");
    }

    @SuppressWarnings("unchecked") // JSON objects have texts as keys
    private static Map<String, Object> options(Map<String, Object> request) {
        Object options = request.get("options");
        if (options == null) {
            return Map.of();
        }
        if (options instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw ProblemException.invalid("/options", "'options' is no object");
    }
}
