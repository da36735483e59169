package dev.viber.plugins;

import dev.viber.api.tool.PluginHealth;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.AllServiceListener;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Looks whether a version that started is well: every service that its manifest declares is there, and at least one of our
 * contracts; each tool describes itself; each {@link PluginHealth} agrees. All of it within one span of time.
 */
final class Health {
    private static final String SERVICES = "osgi.service";
    private static final String CONTRACTS = "dev.viber.api.";

    private final BundleContext context;
    private final Duration within;

    Health(BundleContext context, Duration within) {
        this.context = context;
        this.within = within;
    }

    /**
     * Looks at a bundle that started.
     *
     * @return what it offers: the names of its tools, the interfaces of all else
     * @throws PluginFailure that says what is wrong
     */
    List<String> of(Bundle bundle) throws PluginFailure, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        awaitServices(bundle, end);
        TreeSet<String> offered = new TreeSet<>();
        for (ServiceReference<?> reference : services(bundle)) {
            List<String> types = types(reference);
            if (types.contains(Tool.class.getName())) {
                offered.add(tool(bundle, reference, end));
            } else {
                types.stream().filter(type -> type.startsWith(CONTRACTS)).forEach(offered::add);
            }
            if (types.contains(PluginHealth.class.getName())) {
                ask(bundle, reference, PluginHealth.class, end, "its health check", health -> {
                    health.check();
                    return true;
                });
            }
        }
        return List.copyOf(offered);
    }

    private void awaitServices(Bundle bundle, long end) throws PluginFailure, InterruptedException {
        Semaphore changed = new Semaphore(1);
        AllServiceListener listener = event -> changed.release();
        context.addServiceListener(listener);
        try {
            List<String> missing = List.of();
            while (changed.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                missing = missing(bundle);
                if (missing.isEmpty()) {
                    return;
                }
            }
            throw new PluginFailure("it started, but within %d s there was no %s"
                    .formatted(within.toSeconds(), String.join(", ", missing)));
        } finally {
            context.removeServiceListener(listener);
        }
    }

    /** What its manifest promises and is not registered yet; a service of our contracts where it promises nothing. */
    private static List<String> missing(Bundle bundle) {
        Map<String, Integer> there = new HashMap<>();
        for (ServiceReference<?> reference : services(bundle)) {
            types(reference).forEach(type -> there.merge(type, 1, Integer::sum));
        }
        List<String> missing = new ArrayList<>();
        for (BundleCapability promise : bundle.adapt(BundleRevision.class).getDeclaredCapabilities(SERVICES)) {
            for (String type : strings(promise.getAttributes().get(Constants.OBJECTCLASS))) {
                if (there.merge(type, -1, Integer::sum) < 0) {
                    missing.add("service " + type);
                }
            }
        }
        if (missing.isEmpty() && there.keySet().stream().noneMatch(type -> type.startsWith(CONTRACTS))) {
            missing.add("service of a package " + CONTRACTS + "*, such as " + Tool.class.getName());
        }
        return missing;
    }

    private String tool(Bundle bundle, ServiceReference<?> reference, long end)
            throws PluginFailure, InterruptedException {
        ToolInfo info = ask(bundle, reference, Tool.class, end, "its tool", Tool::info);
        if (!Json.isObject(info.schema())) {
            throw new PluginFailure("the schema of its tool %s is no JSON object".formatted(info.name()));
        }
        return info.name();
    }

    private interface Question<S, T> {
        T ask(S service) throws Exception;
    }

    private <S, T> T ask(
            Bundle bundle, ServiceReference<?> reference, Class<S> type, long end, String what, Question<S, T> question)
            throws PluginFailure, InterruptedException {
        if (!reference.isAssignableTo(context.getBundle(), type.getName())) {
            throw new PluginFailure("it brings a copy of %s of its own; wanted it imported".formatted(type.getName()));
        }
        Callable<T> call = () -> {
            Object service = context.getService(reference);
            try {
                if (service == null) {
                    throw new IllegalStateException("it cannot be made; the log tells more");
                }
                return question.ask(type.cast(service));
            } finally {
                context.ungetService(reference);
            }
        };
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofVirtual()
                .name("plugin-health-" + bundle.getSymbolicName())
                .start(task);
        try {
            return task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new PluginFailure("%s did not answer within %d s".formatted(what, within.toSeconds()));
        } catch (ExecutionException e) {
            throw new PluginFailure("%s fails: %s".formatted(what, e.getCause()));
        }
    }

    private static List<ServiceReference<?>> services(Bundle bundle) {
        ServiceReference<?>[] services = bundle.getRegisteredServices();
        return services == null ? List.of() : Arrays.asList(services);
    }

    private static List<String> types(ServiceReference<?> reference) {
        return strings(reference.getProperty(Constants.OBJECTCLASS));
    }

    private static List<String> strings(@Nullable Object value) {
        return switch (value) {
            case String one -> List.of(one);
            case String[] several -> Arrays.asList(several);
            case Collection<?> several -> several.stream().map(String::valueOf).toList();
            case null, default -> List.of();
        };
    }
}
