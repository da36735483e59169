package dev.viber.launcher;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that are ready and what they say of themselves, kept up to date by the framework's own events.
 *
 * <p>{@code Ready} is a record of the api bundle, whose class this side of the framework has not got: its facts are read by
 * reflection.
 */
final class ReadyParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadyParts.class);
    private static final String READY = "dev.viber.api.ready.Ready";

    private final List<String> wanted;
    private final Map<ServiceReference<Object>, Map<String, Object>> there = new TreeMap<>();
    private final CountDownLatch complete = new CountDownLatch(1);
    private final List<Consumer<Map<String, Object>>> listeners = new CopyOnWriteArrayList<>();
    private final ServiceTracker<Object, Object> tracker;

    ReadyParts(BundleContext context, List<String> wanted) {
        this.wanted = List.copyOf(wanted);
        tracker = new ServiceTracker<>(context, READY, null) {
            @Override
            public Object addingService(ServiceReference<Object> reference) {
                Object service = super.addingService(reference);
                if (service != null) {
                    change(() -> there.put(reference, factsOf(reference, service)));
                }
                return service;
            }

            @Override
            public void modifiedService(ServiceReference<Object> reference, Object service) {
                change(() -> there.put(reference, factsOf(reference, service)));
            }

            @Override
            public void removedService(ServiceReference<Object> reference, Object service) {
                change(() -> there.remove(reference));
                super.removedService(reference, service);
            }
        };
        tracker.open(true);
        change(() -> {});
    }

    /** Whether all wanted parts became ready in the given time. */
    boolean await(Duration deadline) throws InterruptedException {
        return complete.await(deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The wanted parts that are not ready now, sorted. */
    synchronized Set<String> missing() {
        TreeSet<String> missing = new TreeSet<>(wanted);
        there.keySet().forEach(reference -> missing.remove(String.valueOf(reference.getProperty("part"))));
        return missing;
    }

    /** What all parts say of themselves, in one map; a part of higher service ranking wins. */
    synchronized Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        there.values().forEach(facts::putAll);
        return facts;
    }

    /** Is told the facts now, and at every change while all wanted parts are ready, until the stop begins. */
    void listen(Consumer<Map<String, Object>> listener) {
        listeners.add(listener);
        listener.accept(facts());
    }

    /** No listener hears of what goes from now on. */
    void hush() {
        listeners.clear();
    }

    @Override
    public void close() {
        hush();
        tracker.close();
    }

    private void change(Runnable change) {
        boolean all;
        synchronized (this) {
            change.run();
            all = missing().isEmpty();
        }
        if (all) {
            complete.countDown();
        }
        if (all) {
            Map<String, Object> facts = facts();
            listeners.forEach(listener -> listener.accept(facts));
        }
    }

    private static Map<String, Object> factsOf(ServiceReference<?> reference, Object service) {
        Map<String, Object> facts = new LinkedHashMap<>();
        try {
            Method method = service.getClass().getMethod("facts");
            ((Map<?, ?>) method.invoke(service)).forEach((name, value) -> facts.put(String.valueOf(name), value));
        } catch (ReflectiveOperationException | ClassCastException e) {
            LOG.warn("The facts of the part {} cannot be read", reference.getProperty("part"), e);
        }
        return facts;
    }
}
