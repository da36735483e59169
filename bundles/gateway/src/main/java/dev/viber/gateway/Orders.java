package dev.viber.gateway;

import dev.viber.api.rest.Routes;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.CommandRow;
import dev.viber.api.store.Tables.PluginRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.ViberRow;
import dev.viber.api.task.Decision;
import dev.viber.api.task.TaskMessage;
import dev.viber.api.trace.TraceContext;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * The frames a gateway sends to a viber about its work. A viber that announced the feature {@code ack} gets them as
 * numbered commands, kept until it has them; any other gets the first messages alone, if it is there.
 */
final class Orders {
    /** The feature by which a viber says that it counts, acknowledges and resumes. */
    static final String ACK = "ack";

    private static final String CONFIGURE = "config:update";
    /** The feature by which a viber says that it takes plugins. */
    static final String PLUGINS = "plugins";

    /** The feature by which a viber says that it carries traces on. */
    static final String TRACE = "traceparent";

    private static final JsonMapper MAPPER = new JsonMapper();

    private final Tables tables;
    private final Effects effects;

    Orders(Tables tables, Effects effects) {
        this.tables = tables;
        this.effects = effects;
    }

    void submit(String viberId, TaskRow task, int attempt) {
        ObjectNode frame = frame("task:submit", task.id()).put("goal", task.goal());
        frame.putRawValue("options", new RawValue(task.options()));
        send(viberId, task, frame, Map.of("attempt", attempt));
    }

    void stop(String viberId, TaskRow task) {
        send(viberId, task, frame("task:stop", task.id()), Map.of("attempt", task.attempt()));
    }

    void message(String viberId, TaskRow task, TaskMessage message) {
        send(
                viberId,
                task,
                frame("task:message", task.id()).put("message", message.message()),
                Map.of("mode", message.mode().word()));
    }

    void decide(String viberId, TaskRow task, String approvalId, Decision decision) {
        ObjectNode frame = frame("task:decision", task.id())
                .put("approvalId", approvalId)
                .put("allow", decision.allow())
                .put("by", decision.by());
        if (decision.remember() != null) {
            frame.put("remember", decision.remember());
        }
        send(viberId, task, frame, Map.of());
    }

    void configure(String viberId, String config) {
        ObjectNode frame = MAPPER.createObjectNode().put("type", CONFIGURE);
        frame.putRawValue("config", new RawValue(config));
        send(viberId, null, frame, Map.of());
    }

    /** Whether this command is one of {@link #configure}. */
    static boolean isConfigure(CommandRow command) {
        return command.body().startsWith("{\"type\":\"" + CONFIGURE + "\"");
    }

    void offerPlugin(String viberId, PluginRow plugin, long size, boolean downgrade) {
        ObjectNode frame = MAPPER.createObjectNode()
                .put("type", "plugin:offer")
                .put("plugin", plugin.symbolicName())
                .put("version", plugin.version())
                .put("digest", plugin.digest())
                .put("size", size)
                .put("href", Routes.BASE + "/plugins/jars/" + plugin.digest())
                .put("offer", plugin.offer());
        if (plugin.signature() != null) {
            frame.put("signature", plugin.signature());
        }
        if (downgrade) {
            frame.put("downgrade", true);
        }
        send(viberId, null, frame, Map.of());
    }

    void removePlugin(String viberId, PluginRow plugin) {
        ObjectNode frame = MAPPER.createObjectNode()
                .put("type", "plugin:remove")
                .put("plugin", plugin.symbolicName())
                .put("offer", plugin.offer());
        send(viberId, null, frame, Map.of());
    }

    private static ObjectNode frame(String type, String taskId) {
        return MAPPER.createObjectNode().put("type", type).put("taskId", taskId);
    }

    private void send(String viberId, @Nullable TaskRow task, ObjectNode frame, Map<String, ?> ours) {
        Set<String> features = features(tables, viberId);
        if (features.contains(ACK)) {
            ours.forEach((name, value) -> frame.putPOJO(name, value));
            if (task != null && task.traceparent() != null && features.contains(TRACE)) {
                frame.put(TraceContext.HEADER, task.traceparent());
            }
            tables.commands().add(viberId, task == null ? null : task.id(), MAPPER.writeValueAsString(frame));
            effects.pump.add(viberId);
        } else {
            effects.direct.add(new Effects.Direct(viberId, MAPPER.writeValueAsString(frame)));
        }
    }

    /** What a viber last announced; empty where it never said. */
    static Set<String> features(Tables tables, String viberId) {
        return tables.vibers()
                .find(viberId)
                .map(ViberRow::info)
                .map(Infos::features)
                .orElse(Set.of());
    }
}
