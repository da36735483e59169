package dev.viber.gateway;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import dev.viber.api.auth.Tokens;
import dev.viber.api.gate.Gate;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.http.UpgradeGuard;
import dev.viber.api.metric.Metrics;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.PluginDesk;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.Store;
import dev.viber.api.task.ArtifactDesk;
import dev.viber.api.task.PlaybookCheck;
import dev.viber.api.task.TaskDesk;
import dev.viber.api.viber.ViberDesk;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a gateway together, and offers its services once it has recovered. */
@Component(
        service = {},
        immediate = true,
        configurationPid = "dev.viber.gateway")
@Designate(ocd = GatewayComponent.Config.class)
public final class GatewayComponent implements RevocationListener {
    /** How long a viber has to confirm a stop. */
    static final Duration STOP_GRACE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(GatewayComponent.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What can be set. */
    @ObjectClassDefinition(name = "Viber gateway")
    public @interface Config {
        /** How long a viber that went away may stay away before its tasks go to the dead-letter desk, in ms. */
        long lease_ms() default 600_000;

        /** The deadline of a task whose client names none, in ms from its submission. */
        long deadline_ms() default 604_800_000;

        /** How often vibers are asked to send a heartbeat, in ms; 1,000 to 300,000. */
        int heartbeat_ms() default 10_000;

        /** Between WebSocket pings, in ms. */
        long ping_ms() default 20_000;

        /** The largest frame after connected, in characters. */
        int max_frame_bytes() default 4 * 1024 * 1024;

        /** How many tasks at once a viber gets that does not say. */
        int default_capacity() default 8;

        /** How long tasks that ended are kept, in days. */
        int keep_days() default 30;

        /** The folder for jars of plugins; empty for a gateway that takes none. */
        String plugins() default "";

        /** How many bytes the jar of a plugin may have. */
        long max_jar_bytes() default 64L * 1024 * 1024;

        /** The folder of artifacts; empty for one in the folder of temporary files, which forgets. */
        String artifacts() default "";

        /** The most bytes of one artifact. */
        long artifact_bytes() default 8L << 30;

        /** The most bytes of all artifacts of one task. */
        long task_artifact_bytes() default 32L << 30;

        /** How many artifacts one task may have. */
        int task_artifacts() default 1_000;
    }

    private final Gate<Store> store = new Gate<>("store of the gateway", PATIENCE);
    private final Gate<PlaybookCheck> playbooks = new Gate<>("playbook bundle", Duration.ofSeconds(10));
    private final Gate<Tokens> tokens = new Gate<>("auth bundle", Duration.ofSeconds(10));
    private final Gateway gateway;
    private final @Nullable GatewayPluginDesk plugins;
    private final BundleContext context;
    private final List<ServiceRegistration<?>> services = new ArrayList<>();
    private final Thread starter;
    private boolean stopped;

    /**
     * Made by Declarative Services.
     *
     * @throws IOException where the folder for plugins cannot be made
     */
    @Activate
    public GatewayComponent(BundleContext context, Config config) throws IOException {
        this.context = context;
        Settings settings = new Settings(
                Duration.ofMillis(config.lease_ms()),
                Duration.ofMillis(config.deadline_ms()),
                Math.clamp(config.heartbeat_ms(), 1_000, 300_000),
                Duration.ofMillis(config.ping_ms()),
                config.max_frame_bytes(),
                config.default_capacity(),
                Duration.ofDays(config.keep_days()),
                config.artifacts().isBlank()
                        ? Path.of(System.getProperty("java.io.tmpdir"), "viber-artifacts")
                        : Path.of(config.artifacts()),
                config.artifact_bytes(),
                config.task_artifact_bytes(),
                config.task_artifacts());
        gateway = new Gateway(settings, store, new Needs(playbooks));
        plugins = config.plugins().isBlank()
                ? null
                : new GatewayPluginDesk(
                        gateway, new JarFolder(Path.of(config.plugins().strip())), config.max_jar_bytes());
        starter = Thread.ofVirtual().name("gateway-start").unstarted(this::start);
    }

    @Activate
    void activate() {
        starter.start();
    }

    // Off the activating thread: recovery waits for the store, which may come later.
    private void start() {
        while (true) {
            try {
                gateway.start();
                break;
            } catch (RuntimeException e) {
                if (starter.isInterrupted()) {
                    return;
                }
                LOG.error("the gateway cannot recover yet and tries again: {}", e.toString());
            }
        }
        synchronized (services) {
            if (stopped) {
                gateway.stop();
                return;
            }
            offer(TaskDesk.class, new GatewayTaskDesk(gateway, playbooks), Map.of());
            offer(ArtifactDesk.class, new GatewayArtifactDesk(gateway), Map.of());
            offer(ViberDesk.class, new GatewayViberDesk(gateway, tokens), Map.of());
            offer(Metrics.class, gateway.counters(), Map.of());
            if (plugins != null) {
                plugins.sweep();
                offer(PluginDesk.class, plugins, Map.of());
            }
            offer(RevocationListener.class, this, Map.of());
            offer(ServerEndpointConfig.class, endpoint(), Map.of(HttpContribution.ROLES, new String[] {"viber"}));
            offer(Ready.class, new Ready("gateway", Map.of()), Map.of(Ready.PART, "gateway"));
        }
        LOG.info("gateway {} is ready", gateway.id());
    }

    private <S> void offer(Class<S> type, S service, Map<String, ?> properties) {
        Dictionary<String, ?> dictionary = FrameworkUtil.asDictionary(properties);
        services.add(context.registerService(type, service, dictionary));
    }

    private ServerEndpointConfig endpoint() {
        ServerEndpointConfig config = ServerEndpointConfig.Builder.create(ViberEndpoint.class, "/vibers/ws")
                .subprotocols(List.of("viber.v1"))
                .configurator(new ServerEndpointConfig.Configurator() {
                    @Override
                    public <T> T getEndpointInstance(Class<T> type) {
                        return type.cast(new ViberEndpoint(gateway));
                    }
                })
                .build();
        UpgradeGuard guard = principal -> gateway.sessions().refuse(principal.viberId());
        config.getUserProperties().put(HttpContribution.GUARD, guard);
        config.getUserProperties().put(HttpContribution.TEXT_AS_BYTES, true);
        return config;
    }

    @Deactivate
    void deactivate() {
        starter.interrupt();
        synchronized (services) {
            stopped = true;
            services.forEach(GatewayComponent::withdraw);
            services.clear();
        }
        gateway.stop();
    }

    private static void withdraw(ServiceRegistration<?> service) {
        try {
            service.unregister();
        } catch (IllegalStateException e) {
            LOG.debug("gone already: {}", e.getMessage());
        }
    }

    @Override
    public void revoked(Principal principal) {
        gateway.revoked(principal);
    }

    @Reference(
            target = "(" + Store.ROLE + "=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPlaybooks(PlaybookCheck found) {
        playbooks.open(found);
    }

    void unbindPlaybooks(PlaybookCheck gone) {
        playbooks.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindTokens(Tokens found) {
        tokens.open(found);
    }

    void unbindTokens(Tokens gone) {
        tokens.close(gone);
    }
}
