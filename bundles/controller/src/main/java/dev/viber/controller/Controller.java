package dev.viber.controller;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import dev.viber.api.gate.Gate;
import dev.viber.api.net.GatewayAccess;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.plugin.PluginSource;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.Store;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.tool.Tool;
import dev.viber.api.viber.ViberSession;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The controller as a component: holds the {@link Session} and hands it what comes and goes. */
@Component(
        service = ViberSession.class,
        immediate = true,
        configurationPid = ControllerConfiguration.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ControllerConfiguration.class)
public final class Controller implements ViberSession {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gate<Store> store = new Gate<>("store of the viber", PATIENCE);
    private final Gate<TaskRunner> runner = new Gate<>("task runner", PATIENCE);
    private final Gate<PluginHost> plugins = new Gate<>("plugin host", PATIENCE);
    private final IdentityHashMap<Store, Store.Registration> listening = new IdentityHashMap<>();
    private final Settings settings;
    private final Presence presence;
    private final Session session;
    private final List<ServiceRegistration<?>> offered = new ArrayList<>();

    /** Reads the configuration; throws where a value is wrong. */
    @Activate
    public Controller(BundleContext context, ControllerConfiguration configuration) {
        this(
                Settings.orThrow(configuration, context.getBundle().getVersion().toString()),
                Timing.PROTOCOL,
                new Published(context)::now);
        // Not as this component: the host of plugins uses it, and this uses the host.
        URI server = settings.server();
        GatewayAccess gateway = server == null ? null : new GatewayHttp(settings, server);
        offered.add(context.registerService(PluginSource.class, new Fetching(gateway), null));
        if (gateway != null) {
            offered.add(context.registerService(GatewayAccess.class, gateway, null));
        }
    }

    /** A controller outside a framework. */
    Controller(Settings settings, Timing timing, Session.Readiness readiness) {
        this.settings = settings;
        LiveConfig config = new LiveConfig(runner);
        presence = new Presence(settings, config, runner, plugins);
        session = new Session(new Parts(settings, timing, store, runner, plugins, config, presence), readiness);
    }

    /** The {@link Ready} service, there for as long as the controller is ready. */
    private static final class Published {
        private final BundleContext context;
        private @Nullable ServiceRegistration<Ready> registration;

        Published(BundleContext context) {
            this.context = context;
        }

        synchronized void now(@Nullable Ready ready) {
            ServiceRegistration<Ready> had = registration;
            registration = ready == null
                    ? null
                    : context.registerService(
                            Ready.class, ready, FrameworkUtil.asDictionary(Map.of(Ready.PART, ready.part())));
            if (had != null) {
                had.unregister();
            }
        }
    }

    @Activate
    void start() {
        session.start();
    }

    @Deactivate
    void stop() {
        session.close();
        offered.forEach(ServiceRegistration::unregister);
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY, target = "(" + Store.ROLE + "=viber)")
    void bindStore(Store found) {
        store.open(found);
        synchronized (listening) {
            listening.put(found, found.listen(session::committed));
        }
        session.storeArrived();
    }

    void unbindStore(Store gone) {
        store.close(gone);
        Store.Registration registration;
        synchronized (listening) {
            registration = listening.remove(gone);
        }
        if (registration != null) {
            registration.close();
        }
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindRunner(TaskRunner found) {
        runner.open(found);
        session.runnerArrived(found);
    }

    void unbindRunner(TaskRunner gone) {
        runner.close(gone);
        session.changed();
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindPlugins(PluginHost found) {
        plugins.open(found);
    }

    void unbindPlugins(PluginHost gone) {
        plugins.close(gone);
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC, policyOption = GREEDY)
    void bindTool(Tool found) {
        presence.add(found);
        session.changed();
    }

    void unbindTool(Tool gone) {
        presence.remove(gone);
        session.changed();
    }

    @Override
    public String mode() {
        return session.mode();
    }

    @Override
    public String viberId() {
        return session.viberId();
    }

    @Override
    public @Nullable String server() {
        return session.server();
    }

    @Override
    public @Nullable Instant connectedSince() {
        return session.connectedSince();
    }

    @Override
    public @Nullable String lastError() {
        return session.lastError();
    }

    @Override
    public long unacked() {
        return session.unacked();
    }
}
