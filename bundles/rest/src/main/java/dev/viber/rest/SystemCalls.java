package dev.viber.rest;

import dev.viber.api.rest.Routes;
import dev.viber.api.rest.SystemStatus;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the routes about the server itself do. */
final class SystemCalls {
    private final Desks desks;
    private final Figures figures;
    private final byte[] description;

    SystemCalls(Desks desks, byte[] description) {
        this.desks = desks;
        this.figures = new Figures(desks);
        this.description = description.clone();
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.SYSTEM_STATUS, call -> Work.Answer.of(200, status())),
                new Binding<>(Routes.OPENAPI, call -> Work.Answer.raw(ByteBuffer.wrap(description))));
    }

    private SystemStatus status() {
        Map<String, Boolean> parts = new LinkedHashMap<>();
        parts.put("tasks", desks.tasks.isOpen());
        parts.put("vibers", desks.vibers.isOpen());
        parts.put("tokens", desks.tokens.isOpen());
        parts.put("events", desks.events.isOpen());
        parts.put("store", desks.store.isOpen());
        Runtime runtime = Runtime.getRuntime();
        double used = (double) (runtime.totalMemory() - runtime.freeMemory()) / runtime.maxMemory();
        return new SystemStatus(
                figures.tasks(),
                figures.vibers(),
                parts,
                figures.store(),
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000,
                figures.vms(),
                Figures.cpuPercent(),
                Math.round(used * 1000) / 10.0);
    }
}
