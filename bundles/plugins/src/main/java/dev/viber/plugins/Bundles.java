package dev.viber.plugins;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plugins as bundles of the running framework, installed by reference, each step bounded in time. */
final class Bundles {
    private static final Logger LOG = LoggerFactory.getLogger(Bundles.class);

    private final BundleContext system;
    private final FrameworkWiring wiring;
    private final Duration patience;

    /**
     * The bundles of a framework.
     *
     * @param system the context of the system bundle, so that plugins belong to none that may be replaced
     * @param patience how long a bundle may take to start, and to stop
     */
    Bundles(BundleContext system, Duration patience) {
        this.system = system;
        this.patience = patience;
        wiring = system.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    private static String location(String jar) {
        return "reference:" + Path.of(jar).toUri();
    }

    @Nullable
    Bundle find(String jar) {
        return system.getBundle(location(jar));
    }

    /** Installs the jar, or gives the bundle that was made of it before. */
    Bundle install(String jar) throws PluginFailure {
        try {
            return system.installBundle(location(jar));
        } catch (BundleException e) {
            throw new PluginFailure("it cannot be installed: " + reason(e));
        }
    }

    /**
     * Resolves an installed bundle beside all that runs. Where another version of it stands in the way of that, only looks
     * whether each need has a provider; what is left to see is seen when the other is gone.
     *
     * @throws PluginFailure that names what is missing
     */
    void resolve(Bundle fresh, boolean onlyLook) throws PluginFailure {
        if (!onlyLook && wiring.resolveBundles(List.of(fresh))) {
            return;
        }
        List<String> missing = new ArrayList<>();
        for (BundleRequirement need : revision(fresh).getDeclaredRequirements(null)) {
            if (isMandatory(need) && !isProvided(need)) {
                missing.add(words(need));
            }
        }
        if (!missing.isEmpty()) {
            throw new PluginFailure("it does not resolve: nothing here provides " + String.join(", ", missing));
        }
        if (!onlyLook) {
            throw new PluginFailure("it does not resolve: each need has a provider, but no choice fits all of them"
                    + " (two versions of one package meet)");
        }
    }

    private boolean isProvided(BundleRequirement need) {
        for (Bundle bundle : system.getBundles()) {
            if (revision(bundle).getDeclaredCapabilities(need.getNamespace()).stream()
                    .anyMatch(need::matches)) {
                return true;
            }
        }
        return false;
    }

    private static BundleRevision revision(Bundle bundle) {
        return bundle.adapt(BundleRevision.class);
    }

    private static boolean isMandatory(BundleRequirement need) {
        String resolution = need.getDirectives().get(Constants.RESOLUTION_DIRECTIVE);
        return !Constants.RESOLUTION_OPTIONAL.equals(resolution)
                && !"dynamic".equals(resolution)
                && Constants.EFFECTIVE_RESOLVE.equals(
                        need.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE));
    }

    private static String words(BundleRequirement need) {
        String filter = need.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
        String kind = need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) ? "package" : need.getNamespace();
        return kind + " " + filter;
    }

    /** Whether the new version draws on the old one, so that it cannot stay when that goes. */
    static boolean drawsOn(Bundle fresh, Bundle old) {
        BundleWiring wires = fresh.adapt(BundleWiring.class);
        if (wires == null) {
            return false;
        }
        for (BundleWire wire : wires.getRequiredWires(null)) {
            if (wire.getProvider().getBundle().equals(old)) {
                return true;
            }
        }
        return false;
    }

    void start(Bundle bundle) throws PluginFailure, InterruptedException {
        bounded("start", bundle, () -> bundle.start(Bundle.START_TRANSIENT));
    }

    /** Stops a bundle; services it takes back are left when the calls inside them are done. */
    void stop(Bundle bundle) throws PluginFailure, InterruptedException {
        bounded("stop", bundle, () -> bundle.stop(Bundle.STOP_TRANSIENT));
    }

    /** Stops and uninstalls a bundle, whatever it says to that. */
    void uninstall(@Nullable Bundle bundle) throws InterruptedException {
        if (bundle == null || bundle.getState() == Bundle.UNINSTALLED) {
            return;
        }
        try {
            stop(bundle);
            bounded("be uninstalled", bundle, bundle::uninstall);
        } catch (PluginFailure e) {
            LOG.warn("{} {} stays behind: {}", bundle.getSymbolicName(), bundle.getVersion(), e.getMessage());
        }
        refresh(List.of(bundle));
    }

    /** Lets go of what uninstalled bundles still provide to these, or to others; returns when it is done. */
    void refresh(Collection<Bundle> bundles) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        wiring.refreshBundles(bundles, event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        if (!done.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the framework still lets go of {} after {} s", bundles, patience.toSeconds());
        }
    }

    private interface Step {
        void take() throws BundleException;
    }

    private void bounded(String what, Bundle bundle, Step step) throws PluginFailure, InterruptedException {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            step.take();
            return true;
        });
        Thread thread =
                Thread.ofVirtual().name("plugin-" + bundle.getSymbolicName()).start(task);
        try {
            task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new PluginFailure("it did not %s within %d s".formatted(what, patience.toSeconds()));
        } catch (ExecutionException e) {
            throw new PluginFailure("it does not %s: %s".formatted(what, reason(e.getCause())));
        }
    }

    /** The innermost reason there is: a framework wraps what a bundle threw. */
    private static String reason(@Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof BundleException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof BundleException ? String.valueOf(cause.getMessage()) : String.valueOf(cause);
    }
}
