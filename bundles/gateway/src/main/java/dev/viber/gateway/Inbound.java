package dev.viber.gateway;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.ViberRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.viber.ToolDescription;
import dev.viber.api.viber.ViberInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What is done with the frames of a session, in their order; runs on the session's own virtual thread and may block. */
final class Inbound {
    private static final Logger LOG = LoggerFactory.getLogger(Inbound.class);

    /** What {@code connected} led to. */
    private record Registered(boolean known, List<Reconciliation.Resume> resume, Set<String> busy) {}

    private final Gateway gateway;

    Inbound(Gateway gateway) {
        this.gateway = gateway;
    }

    /** Takes in a batch; what must be durable is when this returns. */
    void take(Session session, List<Frame> batch) {
        List<Frame> durable = new ArrayList<>(batch.size());
        for (Frame frame : batch) {
            if (session.info() == null && !frame.type().equals("connected")) {
                session.close(CloseCode.PROTOCOL, "the first frame must be 'connected', not '" + frame.type() + "'");
                return;
            }
            if (frame.isOfTask() || (frame.type().equals("ack") && frame.cmd() > 0)) {
                durable.add(frame);
                continue;
            }
            keep(session, durable);
            control(session, frame);
        }
        keep(session, durable);
    }

    private void keep(Session session, List<Frame> frames) {
        if (frames.isEmpty()) {
            return;
        }
        List<Frame> group = List.copyOf(frames);
        frames.clear();
        Intake.Taken taken = await(gateway.change(
                (tables, effects) -> new Intake(tables, effects, Instant.now(), session.viberId()).take(group)));
        gateway.counters().frames.add(group.size());
        gateway.counters().stray.add(taken.stray());
        if (!session.isMinimal()) {
            for (Intake.Ack ack : taken.acks()) {
                session.send(ack(ack));
            }
        }
        if (taken.gap()) {
            session.close(CloseCode.PROTOCOL, "a gap in vseq; connect again and resume");
        }
    }

    // On the hot path: put together by hand.
    private static String ack(Intake.Ack ack) {
        StringBuilder text = new StringBuilder(96).append("{\"type\":\"ack\",\"taskId\":");
        FrameReader.appendString(text, ack.taskId());
        return text.append(",\"attempt\":")
                .append(ack.attempt())
                .append(",\"vseq\":")
                .append(ack.vseq())
                .append('}')
                .toString();
    }

    private void control(Session session, Frame frame) {
        switch (frame.type()) {
            case "connected" -> connected(session, frame);
            case "heartbeat" -> heartbeat(session, frame);
            case "plugin:state" -> gateway.plugins().told(session.viberId(), FrameReader.tree(frame.data()));
            case "ping" -> session.send("{\"type\":\"pong\"}");
            case "pong" -> session.pong();
            default -> gateway.counters().unknown.increment();
        }
    }

    private void connected(Session session, Frame frame) {
        JsonNode said = FrameReader.tree(frame.data()).path("viber");
        ViberInfo info = Infos.read(said, session.viberId());
        if (!info.id().equals(session.viberId())) {
            session.close(
                    CloseCode.NOT_YOURS, "the token is for '%s', not for '%s'".formatted(session.viberId(), info.id()));
            return;
        }
        if (gateway.sessions().enter(session)) {
            gateway.tell(session.viberId(), "duplicate", "{}");
            LOG.warn("viber {}: several daemons fight over this id", session.viberId());
        }
        Registered registered = await(gateway.change((tables, effects) -> new Registered(
                tables.vibers()
                        .find(info.id())
                        .filter(row -> row.connectedAt() != null)
                        .isPresent(),
                new Reconciliation(
                                tables,
                                effects,
                                Instant.now(),
                                gateway.settings().lease())
                        .connected(info),
                tables.tasks().heldBy(info.id()).stream()
                        .filter(row -> row.phase() != Phase.WAITING)
                        .map(TaskRow::id)
                        .collect(Collectors.toSet()))));
        gateway.counters().connects.add(registered.known() ? "again" : "first");
        session.busy.addAll(registered.busy());
        if (info.features().contains("welcome")) {
            session.send(welcome(registered.resume()));
        }
        session.info(info);
        LOG.info("viber {} is here, with {}", info.id(), info.capabilities());
        session.pump();
        gateway.dispatcher().wake(info.id());
    }

    private String welcome(List<Reconciliation.Resume> resume) {
        List<Map<String, Object>> positions = new ArrayList<>();
        for (Reconciliation.Resume position : resume) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("taskId", position.taskId());
            one.put("attempt", position.attempt());
            one.put("vseq", position.vseq());
            if (position.discard()) {
                one.put("discard", true);
            }
            positions.add(one);
        }
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "welcome");
        frame.put("gatewayId", gateway.id());
        frame.put("protocol", 1);
        frame.put("heartbeatMs", gateway.settings().heartbeatMs());
        frame.put("maxFrameBytes", gateway.settings().maxFrameBytes());
        frame.put("artifacts", "/api/v1/tasks/{taskId}/artifacts/{name}");
        frame.put("resume", positions);
        return Infos.json(frame);
    }

    private void heartbeat(Session session, Frame frame) {
        JsonNode status = FrameReader.tree(frame.data()).path("status");
        session.heartbeat(status.isObject() ? Infos.object(status) : Map.of());
        settle(session, status.path("config"));
        ViberInfo info = session.info();
        if (info == null
                || (status.path("tools").isMissingNode()
                        && status.path("capacity").isMissingNode())) {
            return;
        }
        ViberInfo changed = changed(info, status);
        if (changed.equals(info)) {
            return;
        }
        session.info(changed);
        await(gateway.change((tables, effects) -> {
            tables.vibers()
                    .find(changed.id())
                    .ifPresent(row -> tables.vibers()
                            .put(new ViberRow(
                                    row.id(),
                                    row.name(),
                                    Infos.write(changed),
                                    row.config(),
                                    row.createdAt(),
                                    row.connectedAt(),
                                    Instant.now())));
            String data = Infos.json(Map.of(
                    "capabilities",
                    changed.capabilities(),
                    "tools",
                    changed.tools().stream().map(ToolDescription::name).toList()));
            return tables.journal()
                    .append(
                            "viber/" + changed.id(),
                            List.of(new JournalEvent("changed", System.currentTimeMillis(), data)));
        }));
        gateway.dispatcher().wake(changed.id());
    }

    // What the viber says is in effect is what it took of what it was told, once nothing more of that is on its way.
    private void settle(Session session, JsonNode reported) {
        if (!reported.isObject() || reported.equals(session.settledConfig())) {
            return;
        }
        boolean settled = await(gateway.change((tables, effects) -> {
            if (tables.commands().pending(session.viberId()).stream().anyMatch(Orders::isConfigure)) {
                return false;
            }
            tables.vibers()
                    .find(session.viberId())
                    .filter(row -> !FrameReader.tree(row.config()).equals(reported))
                    .ifPresent(row -> tables.vibers()
                            .put(new ViberRow(
                                    row.id(),
                                    row.name(),
                                    row.info(),
                                    reported.toString(),
                                    row.createdAt(),
                                    row.connectedAt(),
                                    row.lastSeenAt())));
            return true;
        }));
        if (settled) {
            session.settledConfig(reported);
        }
    }

    private static ViberInfo changed(ViberInfo info, JsonNode status) {
        JsonNode capacity = status.path("capacity");
        return new ViberInfo(
                info.id(),
                info.name(),
                info.version(),
                info.platform(),
                info.arch(),
                status.path("capabilities").isArray()
                        ? Infos.strings(status.path("capabilities"))
                        : info.capabilities(),
                status.path("tools").isArray() ? Infos.tools(status.path("tools")) : info.tools(),
                capacity.isIntegralNumber() ? Integer.valueOf(capacity.intValue()) : info.capacity(),
                info.runningTasks(),
                info.features(),
                info.tasks());
    }

    /** Waits for a change; what it failed with comes out unwrapped. */
    static <T> T await(Promise<T> promise) {
        try {
            return promise.getValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the store", e);
        } catch (java.lang.reflect.InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
