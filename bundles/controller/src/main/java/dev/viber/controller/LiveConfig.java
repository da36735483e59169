package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.viber.AgentConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What {@code config:update} changed on this viber: checked, applied, kept in the store, reported by its digest. */
final class LiveConfig {
    static final int LEAST_HEARTBEAT_MS = 1_000;
    static final int MOST_HEARTBEAT_MS = 300_000;

    /** The key the configuration is stored under, as JSON text. */
    static final String KEY = "config";

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LiveConfig.class);
    // Held here, since java.util.logging forgets the level of a logger nobody holds.
    private static final Logger OURS = Logger.getLogger("dev.viber");
    private static final @Nullable Level BEGUN_WITH = OURS.getLevel();
    private static final Set<String> MEMBERS =
            Set.of("name", "capacity", "heartbeatMs", "logLevel", "tools", "policy", "model");

    private final Gate<TaskRunner> runner;
    private volatile Map<String, Object> effective = Map.of();
    private volatile @Nullable String error;
    private boolean loaded;

    LiveConfig(Gate<TaskRunner> runner) {
        this.runner = runner;
    }

    /** Takes the stored configuration into effect, once. */
    synchronized void load(Gate<Store> store) {
        if (loaded) {
            return;
        }
        String json = store.call(s -> s.read(t -> t.values().get(KEY).orElse("{}")));
        loaded = true;
        Map<String, Object> stored = Frames.object(json);
        if (stored.isEmpty()) {
            return;
        }
        try {
            apply(stored, checked(stored));
        } catch (ProblemException e) {
            refused(e);
        }
    }

    /** Tells a runner that has just come what is in effect. */
    synchronized void tell(TaskRunner found) {
        if (effective.isEmpty()) {
            return;
        }
        try {
            found.configure(checked(effective));
        } catch (ProblemException e) {
            refused(e);
        }
    }

    /**
     * Checks a change and takes it into effect; one that is wrong changes nothing and is remembered as
     * {@link #error()}.
     *
     * @return whether it is in effect; {@link #keep} makes it last
     */
    synchronized boolean update(Map<String, Object> change) {
        try {
            checked(change);
            Map<String, Object> merged = merged(change);
            apply(merged, checked(merged));
            error = null;
            return true;
        } catch (ProblemException e) {
            refused(e);
            return false;
        }
    }

    /** Stores what is in effect. */
    void keep(Tables tables) {
        tables.values().put(KEY, Frames.canonical(effective));
    }

    /** Says that what came as configuration was none. */
    void refuse(String why) {
        refused(ProblemException.invalid("/config", why));
    }

    private void refused(ProblemException e) {
        String reason = e.getMessage() == null ? e.kind().title() : e.getMessage();
        error = reason;
        LOG.error("configuration refused, nothing changed: {}", reason);
    }

    private Map<String, Object> merged(Map<String, Object> change) {
        Map<String, Object> merged = new LinkedHashMap<>(effective);
        change.forEach((member, value) -> {
            if (value == null) {
                merged.remove(member);
            } else {
                merged.put(member, value);
            }
        });
        return merged;
    }

    private void apply(Map<String, Object> merged, AgentConfig config) {
        // The runner goes first: where it refuses, nothing has changed.
        runner.ifOpen(r -> r.configure(config));
        OURS.setLevel(config.logLevel() == null ? BEGUN_WITH : level(config.logLevel()));
        effective = merged;
    }

    /** The configuration in its shape; throws a {@link ProblemException} that names the member that is wrong. */
    static AgentConfig checked(Map<String, Object> config) {
        for (String member : config.keySet()) {
            if (!MEMBERS.contains(member)) {
                throw ProblemException.invalid(
                        "/" + member,
                        "configuration member '%s' is unknown, wanted some of %s"
                                .formatted(member, MEMBERS.stream().sorted().toList()));
            }
        }
        String level = of(config, "logLevel", String.class, "one of trace, debug, info, warn, error");
        if (level != null && level(level) == null) {
            throw wrong("logLevel", level, "one of trace, debug, info, warn, error");
        }
        String name = of(config, "name", String.class, "a text");
        if (name != null && (name.isBlank() || name.length() > 200)) {
            throw wrong("name", name, "1 to 200 characters");
        }
        AgentConfig shaped = new AgentConfig(
                name,
                number(config, "capacity", 1, 256),
                number(config, "heartbeatMs", LEAST_HEARTBEAT_MS, MOST_HEARTBEAT_MS),
                level,
                object(config, "tools"),
                object(config, "policy"),
                object(config, "model"));
        if (shaped.tools() != null) {
            shaped.tools().forEach((tool, value) -> {
                if (!(value instanceof Map<?, ?> switches)
                        || (switches.get("enabled") != null && !(switches.get("enabled") instanceof Boolean))) {
                    throw wrong("tools." + tool, value, "{\"enabled\": true or false}");
                }
            });
        }
        return shaped;
    }

    private static <T> @Nullable T of(Map<String, Object> config, String member, Class<T> type, String wanted) {
        Object value = config.get(member);
        if (value == null) {
            return null;
        }
        if (!type.isInstance(value)) {
            throw wrong(member, value, wanted);
        }
        return type.cast(value);
    }

    private static @Nullable Integer number(Map<String, Object> config, String member, int least, int most) {
        String wanted = "a whole number from %d to %d".formatted(least, most);
        Integer value = of(config, member, Integer.class, wanted);
        if (value != null && (value < least || value > most)) {
            throw wrong(member, value, wanted);
        }
        return value;
    }

    private static @Nullable Map<String, Object> object(Map<String, Object> config, String member) {
        Map<?, ?> value = of(config, member, Map.class, "an object");
        if (value == null) {
            return null;
        }
        Map<String, Object> object = new LinkedHashMap<>();
        value.forEach((key, inner) -> object.put(String.valueOf(key), inner));
        return object;
    }

    private static ProblemException wrong(String member, @Nullable Object value, String wanted) {
        return ProblemException.invalid(
                "/" + member.replace('.', '/'),
                "configuration member '%s' is %s, wanted %s".formatted(member, value, wanted));
    }

    private static @Nullable Level level(String word) {
        return switch (word) {
            case "trace" -> Level.FINEST;
            case "debug" -> Level.FINE;
            case "info" -> Level.INFO;
            case "warn" -> Level.WARNING;
            case "error" -> Level.SEVERE;
            default -> null;
        };
    }

    /** What is in effect of all that it was told; empty for nothing. */
    Map<String, Object> effective() {
        return effective;
    }

    /** The name it sets; null where it sets none. */
    @Nullable
    String name() {
        return effective.get("name") instanceof String name ? name : null;
    }

    /** The milliseconds between heartbeats it sets; null where it sets none. */
    @Nullable
    Integer heartbeatMs() {
        return effective.get("heartbeatMs") instanceof Integer ms ? ms : null;
    }

    /** Whether the tool is not switched off. */
    boolean isEnabled(String tool) {
        return !(effective.get("tools") instanceof Map<?, ?> tools
                && tools.get(tool) instanceof Map<?, ?> switches
                && Boolean.FALSE.equals(switches.get("enabled")));
    }

    /** Why the last change was refused; null where it was not. */
    @Nullable
    String error() {
        return error;
    }

    /** {@code sha256:} of the canonical JSON (members in order, no blanks); null where nothing was ever configured. */
    @Nullable
    String digest() {
        Map<String, Object> now = effective;
        if (now.isEmpty()) {
            return null;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(Frames.canonical(now).getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
