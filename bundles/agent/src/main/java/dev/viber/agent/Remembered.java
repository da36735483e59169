package dev.viber.agent;

import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers that are given alike from now on, kept as values of the store: {@code remembered/viber/<id>} and
 * {@code remembered/task/<taskId>/<id>}, each {@code {"tool","key","allow","by","at","reason"}}.
 */
final class Remembered {
    private static final String VIBER = "remembered/viber/";
    private static final String TASK = "remembered/task/";
    /** What a question is asked about: {@code asked/<taskId>/<approvalId>}, of those that can be remembered. */
    private static final String ASKED = "asked/";
    /** How far its answer is meant, as the controller put it: {@code remember/<taskId>/<approvalId>}. */
    private static final String SCOPE = "remember/";

    private Remembered() {}

    private static String id(String key) {
        return HexFormat.of()
                .formatHex(Spaces.sha256().digest(key.getBytes(StandardCharsets.UTF_8)))
                .substring(0, 16);
    }

    /** The answer to what is asked about by this key; empty where none is remembered. */
    static Optional<Boolean> find(Tables tables, String taskId, String key) {
        return tables.values()
                .get(TASK + taskId + "/" + id(key))
                .or(() -> tables.values().get(VIBER + id(key)))
                .map(text -> Boolean.TRUE.equals(Json.object(text).get("allow")));
    }

    /** A question is asked that can be remembered by this key. */
    static void asked(Tables tables, String taskId, String approvalId, @Nullable String key) {
        if (key != null) {
            tables.values().put(ASKED + taskId + "/" + approvalId, key);
        }
    }

    /** A question is answered; where its answer is meant for more than this once, it is kept. */
    static void answered(Tables tables, ApprovalRow answer) {
        String suffix = answer.taskId() + "/" + answer.id();
        String key = tables.values().get(ASKED + suffix).orElse(null);
        String scope = tables.values().get(SCOPE + suffix).orElse(null);
        if (key != null && scope != null) {
            Map<String, Object> kept = new LinkedHashMap<>();
            kept.put("tool", Objects.requireNonNullElse(answer.tool(), ""));
            kept.put("key", key);
            kept.put("allow", answer.state().equals("allowed"));
            kept.put("by", Objects.requireNonNullElse(answer.decidedBy(), ""));
            kept.put("at", String.valueOf(answer.decidedAt()));
            kept.put("reason", answer.reason());
            String place = scope.equals("viber") ? VIBER : TASK + answer.taskId() + "/";
            tables.values().put(place + id(key), Json.write(kept));
        }
        tables.values().remove(ASKED + suffix);
        tables.values().remove(SCOPE + suffix);
    }

    /** The task has ended: what was remembered for it alone is forgotten. */
    static void forget(Tables tables, String taskId) {
        for (String prefix : List.of(TASK, ASKED, SCOPE)) {
            List.copyOf(tables.values().list(prefix + taskId + "/").keySet()).forEach(tables.values()::remove);
        }
    }
}
