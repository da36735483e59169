package dev.viber.plugins;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.plugin.PluginSource;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.util.promise.Promise;

/** Puts the host of plugins together; ready when what served before serves again. */
@Component(
        service = PluginHost.class,
        immediate = true,
        configurationPid = "dev.viber.plugins",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PluginsComponent.Config.class)
public final class PluginsComponent implements PluginHost {
    /** What can be set. */
    @ObjectClassDefinition(name = "Viber plugins")
    public @interface Config {
        /** The viber's state folder. */
        String state();

        /** Whether jars without a signature are let in; for development. */
        boolean allow_unsigned() default false;

        /** How long a version may take to start, and to stop, in ms. */
        long start_ms() default 30_000;

        /** How long a version that started may take until all it promises is there, in ms. */
        long health_ms() default 10_000;

        /** How many bytes a jar may have. */
        long max_jar_bytes() default 64L * 1024 * 1024;
    }

    private final Gate<Store> store = new Gate<>("store of the viber", Duration.ofSeconds(30));
    private final Gate<PluginSource> source = new Gate<>("connection to the gateway", Duration.ofSeconds(1));
    private final BundleContext context;
    private final boolean allowUnsigned;
    private final Host host;
    private final DropFolder folder;
    private @Nullable ServiceRegistration<Ready> ready;
    private boolean closed;

    /**
     * Made by Declarative Services.
     *
     * @throws IOException where the state folder cannot be used
     */
    @Activate
    public PluginsComponent(BundleContext context, Config config) throws IOException {
        this.context = context;
        allowUnsigned = config.allow_unsigned();
        Settings settings = new Settings(
                Path.of(config.state()),
                allowUnsigned,
                Duration.ofMillis(config.start_ms()),
                Duration.ofMillis(config.health_ms()),
                config.max_jar_bytes());
        JarFolder jars = new JarFolder(settings.jars());
        Rows rows = new Rows(store);
        BundleContext system =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext();
        Rollout rollout = new Rollout(
                rows,
                jars,
                new Trust(settings.trust(), allowUnsigned),
                new Bundles(system, settings.start()),
                new Health(context, settings.health()),
                settings);
        host = new Host(rows, rollout, jars, settings.mostBytes(), source, this::restored);
        folder = new DropFolder(host, rows, settings.dropped(), settings.trust());
    }

    @Activate
    void activate() {
        host.start();
        folder.start();
    }

    private synchronized void restored() {
        if (closed) {
            return;
        }
        Ready part = new Ready("plugins", allowUnsigned ? Map.of("allowUnsigned", true) : Map.of());
        ready = context.registerService(Ready.class, part, FrameworkUtil.asDictionary(Map.of(Ready.PART, part.part())));
    }

    @Deactivate
    void deactivate() {
        folder.close();
        host.close();
        synchronized (this) {
            closed = true;
            if (ready != null) {
                ready.unregister();
                ready = null;
            }
        }
    }

    @Override
    public List<Plugin> list() {
        return host.list();
    }

    @Override
    public Promise<Plugin> install(Path jar, @Nullable String signature, boolean downgrade) {
        return host.install(jar, signature, downgrade);
    }

    @Override
    public Promise<Plugin> remove(String id) {
        return host.remove(id);
    }

    @Override
    public void wake() {
        host.wake();
    }

    @Reference(
            target = "(" + Store.ROLE + "=viber)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
        wake();
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindSource(PluginSource found) {
        source.open(found);
        wake();
    }

    void unbindSource(PluginSource gone) {
        source.close(gone);
    }
}
