package dev.viber.controller;

import dev.viber.api.net.Transport;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.Segment;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.viber.ViberSession;
import dev.viber.controller.SessionLifecycle.Mode;
import dev.viber.controller.SessionLifecycle.Trigger;
import dev.viber.link.BackOff;
import dev.viber.link.Link;
import dev.viber.link.Link.Closing;
import dev.viber.link.Link.Refused;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The connection as a whole: dials, talks, and dials again for as long as the viber lives. */
final class Session implements ViberSession {
    /** Told whether the controller is ready; null: it is not. */
    @FunctionalInterface
    interface Readiness {
        void now(@Nullable Ready ready);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final int HISTORY = 8;
    private static final Duration JOIN = Duration.ofSeconds(2);

    private final Parts parts;
    private final Readiness readiness;
    private final BackOff backOff;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closed = lock.newCondition();
    private final Deque<Trigger> history = new ArrayDeque<>();
    private Mode mode = SessionLifecycle.TABLE.initial();
    private boolean closing;
    private @Nullable Thread thread;
    private volatile @Nullable Conversation conversation;
    private volatile @Nullable Instant connectedSince;
    private volatile @Nullable String lastError;

    Session(Parts parts, Readiness readiness) {
        this.parts = parts;
        this.readiness = readiness;
        Timing timing = parts.timing();
        backOff = new BackOff(timing.firstPause(), timing.longestPause(), ThreadLocalRandom.current());
    }

    /** Begins to dial; a second call, or one after {@link #close}, does nothing. */
    void start() {
        URI server = parts.settings().server();
        lock.lock();
        try {
            if (closing || thread != null) {
                return;
            }
            if (server == null) {
                LOG.debug("no server configured: viber {} serves local use only", viberId());
                readiness.now(ready(null));
                return;
            }
            thread = Thread.ofVirtual().name("controller").start(() -> run(server));
        } finally {
            lock.unlock();
        }
    }

    /** Leaves in good order, bounded in time; a second call does nothing. */
    void close() {
        Conversation talking;
        Thread running;
        boolean draining;
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            closed.signalAll();
            talking = conversation;
            running = thread;
            draining = mode == Mode.ONLINE;
            if (draining) {
                move(Trigger.DRAIN);
            }
        } finally {
            lock.unlock();
        }
        if (draining && talking != null) {
            talking.drain();
        }
        if (running != null) {
            running.interrupt();
            try {
                running.join(JOIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        lock.lock();
        try {
            move(Trigger.CLOSE);
        } finally {
            lock.unlock();
        }
        readiness.now(null);
    }

    private void run(URI server) {
        MDC.put("viber", parts.settings().viberId()); // and so in every thread begun from here
        try {
            while (proceed(Trigger.DIAL)) {
                Duration pause = talk(server);
                if (!proceed(Trigger.LOST)) {
                    return;
                }
                LOG.debug("dialling {} again in {} ms", server, pause.toMillis());
                await(pause);
            }
        } catch (InterruptedException e) {
            LOG.debug("the connection is given up");
        }
    }

    /** A client for one connection: the certificates it trusts may be others at the next. */
    private HttpClient client() throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(parts.timing().dial())
                .executor(command -> Thread.ofVirtual()
                        .name("controller-socket")
                        .start(() -> {
                            MDC.put("viber", parts.settings().viberId());
                            command.run();
                        }));
        Path trusted = parts.settings().trusted();
        if (trusted != null) {
            builder.sslContext(Transport.trusting(trusted));
        }
        return builder.build();
    }

    /** One connection, from dialling to its end; tells how long to wait before the next. */
    private Duration talk(URI server) throws InterruptedException {
        Settings settings = parts.settings();
        Timing timing = parts.timing();
        Closing closing;
        HttpClient http = null;
        try {
            http = client();
            String token = settings.currentToken();
            parts.config().load(parts.store());
            Link link = Link.dial(http, server, token, settings.viberId(), settings.version(), timing.dial());
            closing = talk(http, token, link);
        } catch (Refused e) {
            return refused(e);
        } catch (IOException | RuntimeException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            if (e instanceof RuntimeException) {
                LOG.warn("not connected", e);
            }
            return lost(why);
        } finally {
            if (http != null) {
                http.shutdownNow();
            }
        }
        if (closing.code() == Link.TOKEN_REVOKED) {
            return tokenRefused("the server closed the connection: the token of %s is revoked".formatted(viberId()));
        }
        return lost("connection closed with %d%s"
                .formatted(closing.code(), closing.reason().isEmpty() ? "" : ": " + closing.reason()));
    }

    private Closing talk(HttpClient http, @Nullable String token, Link link) throws InterruptedException {
        Conversation talking = new Conversation(parts, http, token, link, this::registered);
        try {
            lock.lock();
            try {
                conversation = talking;
            } finally {
                lock.unlock();
            }
            if (proceed(Trigger.OPENED)) {
                talking.run();
            }
        } catch (IOException e) {
            // Where the socket closed in the meantime, how it closed is the better reason and stays.
            link.abort(String.valueOf(e.getMessage()));
        } finally {
            link.abort("over");
            conversation = null;
            readiness.now(null);
            Instant since = connectedSince;
            connectedSince = null;
            if (since != null
                    && Duration.between(since, Instant.now())
                                    .compareTo(parts.timing().healthy())
                            >= 0) {
                backOff.reset();
            }
        }
        return link.ended().join();
    }

    private void registered() {
        if (!proceed(Trigger.REGISTERED)) {
            return;
        }
        connectedSince = Instant.now();
        lastError = null;
        LOG.info("viber {} is registered at {}", viberId(), server());
        readiness.now(ready(null));
        // What could not be fetched while the gateway was away can be now.
        parts.plugins().ifOpen(PluginHost::wake);
    }

    private Duration refused(Refused e) {
        int status = e.status();
        if (status == 401 || status == 403) {
            return tokenRefused("the server refused the token of %s (HTTP status %d)".formatted(viberId(), status));
        }
        Duration pause = lost(Objects.requireNonNullElse(e.getMessage(), "refused"));
        String retryAfter = e.retryAfter();
        if (retryAfter == null) {
            return pause;
        }
        // Behind the instant asked for, and not all at the same one.
        return BackOff.retryAfter(retryAfter, Instant.now()).plus(pause);
    }

    private Duration lost(String why) {
        if (isClosing()) {
            return Duration.ZERO;
        }
        lastError = why;
        LOG.warn("{}: {}; dialling again", server(), why);
        // What it does by itself it does without a gateway, too: whoever waits for it need not wait for that one.
        readiness.now(ready(why));
        return backOff.next();
    }

    /** Nothing will change by itself soon, but a token file may be renewed: says so, and tries again slowly. */
    private Duration tokenRefused(String why) {
        lastError = why;
        Duration pause = parts.timing().refusedPause();
        LOG.error("{}; trying again every {} s, or log in anew", why, pause.toSeconds());
        readiness.now(ready(why));
        return pause;
    }

    private Ready ready(@Nullable String error) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("viberId", viberId());
        facts.put("connected", connectedSince != null);
        String server = server();
        if (server != null) {
            facts.put("server", server);
        }
        if (error != null) {
            facts.put("error", error);
        }
        return new Ready("controller", facts);
    }

    private void await(Duration pause) throws InterruptedException {
        long left = pause.toNanos();
        lock.lock();
        try {
            while (!closing && left > 0) {
                left = closed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Moves on, unless the session is being closed: then its own steps mean nothing any more. */
    private boolean proceed(Trigger trigger) {
        lock.lock();
        try {
            if (closing) {
                return false;
            }
            move(trigger);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void move(Trigger trigger) {
        mode = SessionLifecycle.TABLE.next(viberId(), mode, trigger, history);
        history.addLast(trigger);
        if (history.size() > HISTORY) {
            history.removeFirst();
        }
    }

    /** Segments are durable: those of tasks are to be sent. Cheap, for the store's own thread. */
    void committed(List<Segment> segments) {
        Conversation talking = conversation;
        if (talking == null) {
            return;
        }
        for (Segment segment : segments) {
            if (segment.topic().startsWith(Held.TOPIC)) {
                String taskId = segment.topic().substring(Held.TOPIC.length());
                talking.touch(taskId);
                if (segment.events().stream().anyMatch(Uploads::tellsOf)) {
                    talking.made(taskId);
                }
            } else if (segment.topic().startsWith(PluginHost.TOPIC)) {
                talking.pluginsChanged();
            }
        }
    }

    /** A store has come: what it holds is sent and worked on. */
    void storeArrived() {
        Thread.ofVirtual().name("controller-store").start(() -> {
            try {
                parts.config().load(parts.store());
                Held held = parts.held();
                Conversation talking = conversation;
                if (talking != null) {
                    held.positions().forEach(position -> talking.touch(position.taskId()));
                }
                held.running().forEach(parts::wake);
            } catch (RuntimeException e) {
                LOG.warn("the store that came could not be read", e);
            }
        });
    }

    /** A runner has come: it hears the configuration and what there is to do. */
    void runnerArrived(TaskRunner runner) {
        changed();
        Thread.ofVirtual().name("controller-runner").start(() -> {
            try {
                parts.config().tell(runner);
                if (parts.store().isOpen()) {
                    parts.held().running().forEach(parts::wake);
                }
            } catch (RuntimeException e) {
                LOG.warn("the runner that came could not be told what to do", e);
            }
        });
    }

    /** Tools or the runner changed: the gateway hears of it soon. */
    void changed() {
        Conversation talking = conversation;
        if (talking != null) {
            talking.changed();
        }
    }

    @Override
    public String mode() {
        lock.lock();
        try {
            return mode.word();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String viberId() {
        return parts.settings().viberId();
    }

    @Override
    public @Nullable String server() {
        URI server = parts.settings().server();
        return server == null ? null : server.toString();
    }

    @Override
    public @Nullable Instant connectedSince() {
        return connectedSince;
    }

    @Override
    public @Nullable String lastError() {
        return lastError;
    }

    @Override
    public long unacked() {
        return parts.store().isOpen() ? parts.held().unacked() : 0;
    }
}
