package dev.viber.rest;

import dev.viber.api.store.Store;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.viber.Viber;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Counts, of whatever is there at the moment. */
final class Figures {
    private static final int PAGE = 1000;

    private final Desks desks;

    Figures(Desks desks) {
        this.desks = desks;
    }

    /** How many tasks are in each phase; empty while there is no store. */
    Map<String, Long> tasks() {
        Map<String, Long> counts = new LinkedHashMap<>();
        desks.store.ifOpen(store -> store.read(tables -> tables.tasks().counts())
                .forEach((phase, count) -> counts.put(phase.word(), count)));
        return counts;
    }

    /** The same with the phases that no task is in: a series that comes and goes cannot be reckoned with. */
    Map<String, Long> taskPhases() {
        Map<String, Long> counts = tasks();
        if (desks.store.isOpen()) {
            for (Phase phase : Phase.values()) {
                counts.putIfAbsent(phase.word(), 0L);
            }
        }
        return counts;
    }

    /** How long the queued task has waited that waits longest; 0 where none is queued. */
    double oldestQueuedSeconds() {
        double[] seconds = {0};
        desks.store.ifOpen(store -> {
            Instant made = store.read(tables -> tables.tasks().oldestQueued());
            if (made != null) {
                seconds[0] = Math.max(0, Duration.between(made, Instant.now()).toMillis()) / 1000.0;
            }
        });
        return seconds[0];
    }

    /** How many vibers are in each state, of which each is in one. */
    Map<String, Long> viberStates() {
        Map<String, Long> counts = vibers();
        if (counts.isEmpty()) {
            return counts;
        }
        long online = counts.getOrDefault("online", 0L);
        long busy = counts.getOrDefault("busy", 0L);
        Map<String, Long> states = new LinkedHashMap<>();
        states.put("offline", counts.getOrDefault("total", 0L) - online);
        states.put("online", online - busy);
        states.put("busy", busy);
        return states;
    }

    /** How many vibers there are: {@code total}, {@code online} (the busy ones among them), {@code busy}. */
    Map<String, Long> vibers() {
        Map<String, Long> counts = new LinkedHashMap<>();
        desks.vibers.ifOpen(desk -> {
            long total = 0;
            long online = 0;
            long busy = 0;
            Page<Viber> page = desk.list(null, PAGE);
            while (true) {
                for (Viber viber : page.items()) {
                    total++;
                    online += viber.status().equals("offline") ? 0 : 1;
                    busy += viber.status().equals("busy") ? 1 : 0;
                }
                String next = page.next();
                if (next == null) {
                    break;
                }
                page = desk.list(next, PAGE);
            }
            counts.put("total", total);
            counts.put("online", online);
            counts.put("busy", busy);
        });
        return counts;
    }

    /** How many microVMs there are; 0 while there is no supervisor. */
    int vms() {
        return desks.vms.peek().map(desk -> desk.list().size()).orElse(0);
    }

    /** The store's own facts, by name; empty while there is no store. */
    Map<String, Long> store() {
        return new TreeMap<>(desks.store.peek().map(Store::facts).orElse(Map.of()));
    }

    /** The process's share of all cores, in percent; 0 where it cannot be told. */
    static double cpuPercent() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? Math.round(Math.max(0, system.getProcessCpuLoad()) * 1000) / 10.0
                : 0;
    }
}
