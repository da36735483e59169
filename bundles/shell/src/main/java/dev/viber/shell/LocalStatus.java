package dev.viber.shell;

import dev.viber.api.gate.Gate;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.tool.Tool;
import dev.viber.api.viber.ViberSession;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What can be told of this process: of each part that is there, its facts. */
final class LocalStatus {
    final List<ViberSession> sessions = new CopyOnWriteArrayList<>();
    final Map<Tool, String> tools = new ConcurrentHashMap<>();
    final Map<Store, String> stores = new ConcurrentHashMap<>();
    final Map<String, Ready> parts = new ConcurrentHashMap<>();
    private final Gate<TaskRunner> runner;

    LocalStatus(Gate<TaskRunner> runner) {
        this.runner = runner;
    }

    Map<String, Object> facts() {
        Map<String, Object> out = new LinkedHashMap<>();
        ProcessHandle process = ProcessHandle.current();
        out.put("pid", process.pid());
        process.info()
                .startInstant()
                .ifPresent(start ->
                        out.put("uptime", Duration.between(start, Instant.now()).toSeconds()));
        Map<String, Object> ready = new TreeMap<>();
        parts.forEach((name, part) -> ready.put(name, part.facts()));
        out.put("parts", ready);
        for (ViberSession session : sessions) {
            out.put("viber", viber(session));
        }
        runner.ifOpen(present -> out.put(
                "tasks",
                Map.of(
                        "running",
                        present.running().stream().sorted().toList(),
                        "busy",
                        present.busy(),
                        "capacity",
                        present.capacity())));
        if (runner.isOpen()) {
            out.put("tools", tools.values().stream().sorted().distinct().toList());
        }
        Map<String, Object> facts = new TreeMap<>();
        stores.forEach((store, role) -> facts.put(role, facts(store)));
        out.put("stores", facts);
        return out;
    }

    private static Object facts(Store store) {
        try {
            return new TreeMap<>(store.facts());
        } catch (StoreException e) {
            return Map.of("error", String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Object> viber(ViberSession session) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", session.viberId());
        out.put("mode", session.mode());
        String server = session.server();
        if (server != null) {
            out.put("server", server);
        }
        Instant since = session.connectedSince();
        if (since != null) {
            out.put("connectedSince", since.toString());
        }
        String error = session.lastError();
        if (error != null) {
            out.put("lastError", error);
        }
        out.put("unacked", session.unacked());
        return out;
    }
}
