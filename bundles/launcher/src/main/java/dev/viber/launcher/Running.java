package dev.viber.launcher;

import java.time.Duration;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A feature that was started; safe for use by several threads. */
public final class Running implements AutoCloseable {
    /** How long a stop may take before the process goes without it. */
    public static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Running.class);

    private final Framework framework;
    private final List<Bundle> bundles;
    private final ReadyParts parts;
    private final Deque<AutoCloseable> undo;
    private final Map<String, Long> timings;
    private final AtomicBoolean stopped = new AtomicBoolean();

    Running(
            Framework framework,
            List<Bundle> bundles,
            ReadyParts parts,
            Deque<AutoCloseable> undo,
            Map<String, Long> timings) {
        this.framework = framework;
        this.bundles = List.copyOf(bundles);
        this.parts = parts;
        this.undo = undo;
        this.timings = Collections.unmodifiableMap(new LinkedHashMap<>(timings));
    }

    /** What the ready parts say of themselves now, in one map. */
    public Map<String, Object> facts() {
        return parts.facts();
    }

    /** Tells the facts now and at every change, on the thread that made the change. */
    public void onFacts(Consumer<Map<String, Object>> listener) {
        parts.listen(listener);
    }

    /** Milliseconds that each phase of the start took, in their order. */
    public Map<String, Long> timings() {
        return timings;
    }

    /** The framework's context, for tests and for programs in the same process. */
    public BundleContext context() {
        return framework.getBundleContext();
    }

    /** What keeps it from being well, in words; empty where all is well. */
    String fault() {
        if (framework.getState() != Bundle.ACTIVE) {
            return "the framework is not active";
        }
        Set<String> missing = parts.missing();
        return missing.isEmpty() ? "" : "not ready: " + missing;
    }

    /** Waits until the framework has stopped, whoever stopped it. */
    public void awaitStop() throws InterruptedException {
        framework.waitForStop(0);
    }

    /** Stops the bundles in the reverse order of their start, then the framework; a second call does nothing. */
    @Override
    public void close() {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        parts.hush();
        for (Bundle bundle : bundles.reversed()) {
            try {
                bundle.stop(Bundle.STOP_TRANSIENT);
            } catch (BundleException | IllegalStateException e) {
                LOG.warn("{} did not stop cleanly", bundle.getSymbolicName(), e);
            }
        }
        for (AutoCloseable each : undo) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.warn("Stopping left something behind", e);
            }
        }
    }

    /**
     * Stops when the process is told to end (SIGTERM, SIGINT), within {@link #STOP_WITHIN}, and ends it with exit code 0.
     *
     * @param last what is to be done after the stop, such as taking the ready file away; it must not throw
     */
    public void stopAtExit(Runnable last) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            Thread stop = Thread.ofVirtual().name("stopping").start(this::close);
            try {
                if (!stop.join(STOP_WITHIN)) {
                    LOG.warn("Not all stopped within {} s; going now", STOP_WITHIN.toSeconds());
                }
                last.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                LogsToTheEnd.flush();
                // A JVM that a signal ended would report 143; being told to stop and doing so is a success.
                Runtime.getRuntime().halt(0);
            }
        }));
    }
}
