package dev.viber.controller;

import dev.viber.api.plugin.PluginHost;
import dev.viber.api.store.Tables;
import dev.viber.controller.Frames.MalformedFrame;
import dev.viber.controller.Outbox.Work;
import dev.viber.controller.Presence.Announcement;
import dev.viber.link.Link;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What is said on one connection, from {@code connected} to its end. */
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final int MOST_FRAME_BYTES = 4 << 20;
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    private final Parts parts;
    private final Link link;
    private final Runnable registered;
    private final String viberId;
    private final Outbox outbox;
    private final Acks acks;
    private final Inbox inbox;
    private final Orders orders;
    private final Pulse pulse;
    private final HttpClient http;
    private final @Nullable String token;
    private volatile @Nullable Uploads uploads;
    private volatile @Nullable Thread uploading;
    private final AtomicBoolean flowing = new AtomicBoolean();
    private volatile boolean plain;
    private volatile long wishedHeartbeatMs;
    private volatile int maxFrameBytes = MOST_FRAME_BYTES;
    private final AtomicLong strange = new AtomicLong();
    private @Nullable Announcement said;

    /**
     * A conversation on an open link.
     *
     * @param http for what goes beside the link
     * @param token the bearer token; null for none
     * @param registered called once, when the gateway knows this viber
     */
    Conversation(Parts parts, HttpClient http, @Nullable String token, Link link, Runnable registered) {
        this.parts = parts;
        this.http = http;
        this.token = token;
        this.link = link;
        this.registered = registered;
        viberId = parts.settings().viberId();
        outbox = new Outbox(parts.store(), viberId);
        acks = new Acks(parts.store(), viberId, parts::wake);
        inbox = new Inbox(parts.store(), link, outbox);
        orders = new Orders(viberId);
        pulse = new Pulse(link, outbox, parts.timing(), this::heartbeatMs);
    }

    /** Talks until the connection ends. */
    void run() throws IOException, InterruptedException {
        var _ = link.ended().thenRun(outbox::end);
        Held held = parts.held();
        Presence.Connected connected = parts.presence().connected(held);
        said = connected.said();
        held.positions().forEach(position -> outbox.touch(position.taskId()));
        Thread settling = Thread.ofVirtual().name("controller-commands").start(inbox::settle);
        Thread pulsing = Thread.ofVirtual().name("controller-pulse").start(pulse::run);
        try {
            link.receive(this::take);
            link.send(connected.frame());
            Duration patience = link.speaksViber()
                    ? parts.timing().welcome()
                    : parts.timing().grace();
            long deadline = System.nanoTime() + patience.toNanos();
            while (!link.ended().isDone()) {
                Work work = outbox.take(flowing.get() ? LONG : Duration.ofNanos(deadline - System.nanoTime()));
                if (work != null) {
                    perform(work);
                } else if (!flowing.get() && !link.ended().isDone()) {
                    unwelcomed(patience);
                }
            }
        } finally {
            outbox.end();
            pulsing.interrupt();
            Thread handing = uploading;
            if (handing != null) {
                handing.interrupt();
            }
            settling.interrupt();
        }
    }

    /** A gateway that answered the subprotocol owes a welcome; any other server is taken as one that never says it. */
    private void unwelcomed(Duration patience) throws IOException {
        if (link.speaksViber()) {
            throw new IOException("no welcome within %d ms".formatted(patience.toMillis()));
        }
        LOG.info("the server says no welcome: frames count as acknowledged once they are sent");
        plain = true;
        flow();
    }

    private void flow() {
        outbox.beat();
        if (!plain && parts.plugins().isOpen()) {
            outbox.plugins();
        }
        outbox.flow();
        if (flowing.compareAndSet(false, true)) {
            registered.run();
        }
    }

    private void perform(Work work) throws IOException, InterruptedException {
        switch (work) {
            case Work.Say(String frame) -> link.send(frame);
            case Work.Beat() -> {
                Announcement now = parts.presence().announcement();
                link.send(parts.presence().heartbeat(parts.held(), now, said));
                said = now;
            }
            case Work.Plugins() ->
                link.send(PluginFrames.state(
                        parts.store().call(s -> s.read(t -> t.plugins().list(null)))));
            case Work.Flow(String taskId) ->
                outbox.flow(taskId, (attempt, vseq, event) -> {
                    link.send(Frames.ofEvent(taskId, attempt, vseq, event, maxFrameBytes));
                    if (plain) {
                        acknowledged(taskId, attempt, vseq);
                    }
                });
        }
    }

    private void acknowledged(String taskId, int attempt, long vseq) {
        outbox.acked(taskId, attempt, vseq);
        acks.add(taskId, attempt, vseq);
    }

    private long heartbeatMs() {
        Integer configured = parts.config().heartbeatMs();
        if (configured != null) {
            return configured;
        }
        return wishedHeartbeatMs > 0 ? wishedHeartbeatMs : parts.settings().heartbeatMs();
    }

    private void take(String text) {
        try {
            take(Frames.parse(text));
        } catch (MalformedFrame e) {
            LOG.warn(
                    "a frame from the server cannot be understood: {}: {}",
                    e.getMessage(),
                    text.substring(0, Math.min(200, text.length())));
        }
    }

    private void take(JsonNode frame) throws MalformedFrame {
        String type = Frames.text(frame, "type");
        long cmd = frame.path("cmd").longValue(0);
        if (Orders.isOrder(type)) {
            order(type, frame, cmd);
            return;
        }
        if (PluginFrames.isOrder(type)) {
            inbox.take(cmd, PluginFrames.keep(frame), () -> parts.plugins().ifOpen(PluginHost::wake));
            return;
        }
        switch (type) {
            case "welcome" -> welcome(frame);
            case "ack" ->
                acknowledged(
                        Frames.text(frame, "taskId"),
                        frame.path("attempt").intValue(0),
                        frame.path("vseq").longValue(0));
            case "config:update" -> configure(frame, cmd);
            case "ping" -> outbox.say("{\"type\":\"pong\"}");
            case "error" ->
                LOG.warn(
                        "the gateway reports {}: {}",
                        frame.path("code").asString(),
                        frame.path("message").asString());
            default -> {
                LOG.debug("frame of unknown type {}, the {}. such", type, strange.incrementAndGet());
                if (cmd > 0) {
                    // A command of a later gateway: what is not understood must not hold back what follows.
                    inbox.take(cmd, tables -> {}, () -> {});
                }
            }
        }
    }

    private void order(String type, JsonNode frame, long cmd) {
        try {
            Orders.Order order = orders.read(type, frame, cmd);
            inbox.take(cmd, order.effect(), () -> parts.wake(order.taskId()));
        } catch (MalformedFrame e) {
            LOG.error("command {} {} cannot be carried out: {}", type, cmd, e.getMessage());
            inbox.take(cmd, tables -> {}, () -> {});
        }
    }

    private void configure(JsonNode frame, long cmd) {
        if (inbox.has(cmd)) {
            inbox.take(cmd, tables -> {}, () -> {});
            return;
        }
        boolean good = false;
        if (frame.path("config").isObject()) {
            good = parts.config().update(Frames.object(frame.path("config")));
        } else {
            parts.config().refuse("wanted an object 'config'");
        }
        Orders.Effect effect = good ? parts.config()::keep : tables -> {};
        inbox.take(cmd, effect, () -> {
            outbox.beat();
            pulse.changed();
        });
    }

    private record Resume(String taskId, int attempt, long vseq, boolean discard) {}

    private void welcome(JsonNode frame) throws MalformedFrame {
        List<Resume> resume = new ArrayList<>();
        for (JsonNode entry : frame.path("resume")) {
            resume.add(new Resume(
                    Frames.text(entry, "taskId"),
                    entry.path("attempt").intValue(0),
                    entry.path("vseq").longValue(0),
                    entry.path("discard").booleanValue(false)));
        }
        String gateway = frame.path("gatewayId").stringValue("");
        if (!gateway.isEmpty()) {
            inbox.from(gateway);
        }
        plain = false;
        wishedHeartbeatMs = frame.path("heartbeatMs").longValue(0);
        maxFrameBytes = frame.path("maxFrameBytes").intValue(MOST_FRAME_BYTES);
        String template = frame.path("artifacts").stringValue("");
        if (template.startsWith("/") && template.contains("{taskId}") && template.endsWith("/{name}")) {
            beginUploads(template);
        }
        discard(resume.stream().filter(Resume::discard).toList());
        for (Resume entry : resume) {
            if (!entry.discard()) {
                outbox.resume(entry.taskId(), entry.attempt(), entry.vseq());
                acks.add(entry.taskId(), entry.attempt(), entry.vseq());
            }
        }
        flow();
    }

    private void beginUploads(String template) {
        if (uploads != null) {
            return;
        }
        Uploads begun = new Uploads(parts, http, template, token, outbox::touch);
        uploads = begun;
        outbox.holdForArtifacts(begun::look);
        parts.store()
                .call(s -> s.read(tables -> Uploads.pendingTasks(tables, viberId)))
                .forEach(begun::look);
        uploading = Thread.ofVirtual().name("controller-artifacts").start(begun::run);
    }

    /** The journal tells of a new artifact of this task. */
    void made(String taskId) {
        Uploads handing = uploads;
        if (handing != null) {
            handing.look(taskId);
        }
    }

    /** Forgets what is no longer ours, before any frame of it could go out. */
    private void discard(List<Resume> discarded) {
        if (discarded.isEmpty()) {
            return;
        }
        try {
            parts.store()
                    .callAsync(s -> s.write(tables -> {
                        discarded.forEach(entry -> discard(tables, entry));
                        return true;
                    }))
                    .getValue();
        } catch (InvocationTargetException e) {
            link.abort("discarded tasks could not be forgotten: " + e.getCause());
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        discarded.forEach(entry -> {
            LOG.info("task {}, attempt {}, is no longer ours", entry.taskId(), entry.attempt());
            parts.wake(entry.taskId());
        });
    }

    private void discard(Tables tables, Resume entry) {
        tables.tasks()
                .find(entry.taskId())
                .filter(row -> viberId.equals(row.viberId()) && row.attempt() == entry.attempt())
                .ifPresent(row -> Held.forget(tables, row.id()));
    }

    /** The journal has something new about this task. */
    void touch(String taskId) {
        outbox.touch(taskId);
    }

    /** Something about plugins is durable. */
    void pluginsChanged() {
        if (flowing.get() && !plain) {
            outbox.plugins();
        }
    }

    /** Tools or the runner changed. */
    void changed() {
        pulse.changed();
    }

    /** Sends what is committed, waits for its acknowledgement, says goodbye; all of it bounded. */
    void drain() {
        try {
            Duration patience = parts.timing().drain();
            if (!outbox.awaitEmpty(patience) || !acks.awaitIdle(patience)) {
                LOG.info("leaving with unacknowledged frames; they are sent again next time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.close(1001, "going away", GOODBYE);
    }
}
