package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.viber.ToolDescription;
import dev.viber.api.viber.ViberInfo;
import dev.viber.api.viber.ViberInfo.TaskPosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** What the viber says of itself: once in {@code connected}, again in every heartbeat. */
final class Presence {
    /** A gateway takes at most 64 KiB before it has seen {@code connected}; some room is left for its counting. */
    static final int MOST_BYTES_FIRST = 60 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
    private static final List<String> FEATURES = List.of("ack", "welcome", "approval", "traceparent");

    /** Capabilities and tools, as last said. */
    record Announcement(List<String> capabilities, List<ToolDescription> tools) {}

    private final Settings settings;
    private final LiveConfig config;
    private final Gate<TaskRunner> runner;
    private final Gate<PluginHost> plugins;
    private final Machine machine;
    private final SequencedMap<Tool, ToolInfo> tools = new LinkedHashMap<>();

    Presence(Settings settings, LiveConfig config, Gate<TaskRunner> runner, Gate<PluginHost> plugins) {
        this.settings = settings;
        this.config = config;
        this.runner = runner;
        this.plugins = plugins;
        machine = new Machine(settings.state());
    }

    /** A tool came. */
    void add(Tool tool) {
        ToolInfo info = tool.info();
        synchronized (tools) {
            tools.put(tool, info);
        }
    }

    /** A tool went. */
    void remove(Tool tool) {
        synchronized (tools) {
            tools.remove(tool);
        }
    }

    /** What there is now: tools by name, the newest of those that share one, without those switched off. */
    Announcement announcement() {
        Map<String, ToolInfo> byName = new TreeMap<>();
        synchronized (tools) {
            tools.values().forEach(info -> byName.put(info.name(), info));
        }
        byName.keySet().removeIf(name -> !config.isEnabled(name));
        return new Announcement(
                byName.values().stream()
                        .map(ToolInfo::capability)
                        .distinct()
                        .sorted()
                        .toList(),
                byName.values().stream().map(Presence::describe).toList());
    }

    private static ToolDescription describe(ToolInfo info) {
        Map<String, Object> schema = null;
        try {
            schema = Frames.object(info.schema());
        } catch (JacksonException e) {
            LOG.warn("the schema of tool {} is no JSON object: {}", info.name(), e.getOriginalMessage());
        }
        return new ToolDescription(info.name(), info.description(), schema);
    }

    /** A first frame, and what of the announcement it holds. */
    record Connected(String frame, Announcement said) {}

    /**
     * The frame {@code connected}. Where it would be larger than a gateway takes as the first one, tools go into the next
     * heartbeat instead, and ended tasks are left out: the gateway has a place for them all the same.
     */
    Connected connected(Held held) {
        Announcement now = announcement();
        String frame = connected(held, held.positions(), now);
        if (!Frames.fits(frame, MOST_BYTES_FIRST)) {
            now = new Announcement(now.capabilities(), List.of());
            frame = connected(held, held.positions(), now);
        }
        List<TaskPosition> positions = held.positions();
        while (!Frames.fits(frame, MOST_BYTES_FIRST) && !positions.isEmpty()) {
            positions = positions.subList(0, positions.size() / 2);
            frame = connected(held, positions, now);
        }
        return new Connected(frame, now);
    }

    private String connected(Held held, List<TaskPosition> positions, Announcement now) {
        String name = config.name();
        ViberInfo info = new ViberInfo(
                settings.viberId(),
                name == null ? settings.name() : name,
                settings.version(),
                Machine.platform(),
                Machine.arch(),
                now.capabilities(),
                now.tools(),
                capacity(),
                held.running(),
                features(),
                positions);
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "connected");
        frame.put("viber", info);
        return Frames.json(frame);
    }

    /** Plugins are for a viber that has somebody to look after them. */
    private List<String> features() {
        if (!plugins.isOpen()) {
            return FEATURES;
        }
        List<String> all = new ArrayList<>(FEATURES);
        all.add("plugins");
        return all;
    }

    /**
     * The frame {@code heartbeat}.
     *
     * @param said what the gateway knows; what differs from it goes along
     */
    String heartbeat(Held held, Announcement now, @Nullable Announcement said) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("status", busy() >= capacity() ? "busy" : "online");
        status.put("runningTasks", held.running());
        status.put("capacity", capacity());
        status.put("machine", machine.figures());
        status.put("journal", Map.of("unacked", held.unacked()));
        status.put("config", config.effective());
        status.put("configDigest", config.digest());
        status.put("configError", config.error());
        if (said == null || !now.capabilities().equals(said.capabilities())) {
            status.put("capabilities", now.capabilities());
        }
        if (said == null || !now.tools().equals(said.tools())) {
            status.put("tools", now.tools());
        }
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "heartbeat");
        frame.put("status", status);
        return Frames.json(frame);
    }

    /** How many tasks at once; none while nobody is there to work on them. */
    private int capacity() {
        List<Integer> found = new ArrayList<>(1);
        runner.ifOpen(r -> found.add(r.capacity()));
        return found.isEmpty() ? 0 : found.getFirst();
    }

    private int busy() {
        List<Integer> found = new ArrayList<>(1);
        runner.ifOpen(r -> found.add(r.busy()));
        return found.isEmpty() ? 0 : found.getFirst();
    }
}
