package dev.viber.loopback;

import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.http.HttpListener;
import dev.viber.api.ready.Ready;
import dev.viber.api.viber.ViberDesk;
import dev.viber.api.viber.ViberSession;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where gateway and viber share a process, gives the viber a token of its own and the gateway's address: it then dials in
 * over loopback like any other. When the listener comes back on another port, it is told again.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = "dev.viber.loopback",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Loopback {
    private static final Logger LOG = LoggerFactory.getLogger(Loopback.class);
    private static final String CONTROLLER = "dev.viber.controller";

    /** What is configured. */
    public @interface Config {
        /** The file that keeps the viber's token, mode 0600. */
        String token_file();
    }

    private final BundleContext context;
    private final Path tokenFile;
    private final HttpListener listener;
    private final Tokens tokens;
    private final Authenticator authenticator;
    private final ViberDesk vibers;
    private final ConfigurationAdmin configurations;
    private final String viberId;
    /** What the controller says; its next word comes before the last one goes. */
    private final Set<Ready> connected = Collections.newSetFromMap(new IdentityHashMap<>());

    private @Nullable ServiceRegistration<Ready> ready;

    /** Made by Declarative Services once both sides are there. */
    @Activate
    public Loopback(
            BundleContext context,
            Config config,
            @Reference HttpListener listener,
            @Reference Tokens tokens,
            @Reference Authenticator authenticator,
            @Reference ViberDesk vibers,
            @Reference ConfigurationAdmin configurations,
            @Reference ViberSession session) {
        this.context = context;
        this.tokenFile = Path.of(config.token_file());
        this.listener = listener;
        this.tokens = tokens;
        this.authenticator = authenticator;
        this.vibers = vibers;
        this.configurations = configurations;
        this.viberId = session.viberId();
    }

    @Activate
    void activate() {
        Thread.ofVirtual().name("loopback").start(this::join);
    }

    private void join() {
        try {
            if (!isTokenGood()) {
                vibers.ensure(viberId, null).getValue();
                write(tokens.issue(Role.VIBER, viberId, "viber of this process", null)
                        .getValue()
                        .token());
            }
            pointController();
        } catch (IOException | InvocationTargetException e) {
            LOG.error("the viber of this process cannot be joined to its gateway: {}", e.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isTokenGood() throws IOException {
        if (!Files.exists(tokenFile)) {
            return false;
        }
        Optional<Principal> holder =
                authenticator.authenticate(Files.readString(tokenFile).strip());
        return holder.filter(principal -> viberId.equals(principal.viberId())).isPresent();
    }

    private void write(String token) throws IOException {
        Path folder = tokenFile.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        boolean posix = tokenFile.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] mode = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Path fresh = Files.createTempFile(folder, "viber", ".new", mode);
        Files.writeString(fresh, token + "\n");
        Files.move(fresh, tokenFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    // A change makes the controller dial anew, and this component with it; the second time nothing differs.
    private void pointController() throws IOException {
        Configuration controller = configurations.getConfiguration(CONTROLLER, "?");
        Dictionary<String, Object> had = controller.getProperties();
        Map<String, Object> wanted = new HashMap<>();
        if (had != null) {
            had.keys().asIterator().forEachRemaining(key -> wanted.put(key, had.get(key)));
        }
        wanted.put("server", "ws://" + authority());
        // What stays on this machine, whatever address it is bound to, is nobody else's to read.
        wanted.put("insecure.plain.text", true);
        wanted.put("token", "");
        wanted.put("token.file", tokenFile.toString());
        controller.updateIfDifferent(FrameworkUtil.asDictionary(wanted));
    }

    private String authority() {
        if (listener.isSecure()) {
            return "127.0.0.1:" + listener.plainPort();
        }
        String host = listener.host();
        if (host.contains(":") && !host.startsWith("[")) {
            host = "[" + host + "]";
        }
        return (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":" + listener.port();
    }

    @Reference(
            target = "(" + Ready.PART + "=controller)",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            bind = "bindController",
            unbind = "unbindController")
    synchronized void bindController(Ready controller) {
        if (Boolean.TRUE.equals(controller.facts().get("connected"))) {
            connected.add(controller);
        }
        if (!connected.isEmpty() && ready == null) {
            ready = context.registerService(
                    Ready.class,
                    new Ready("loopback", Map.of("viberId", viberId)),
                    FrameworkUtil.asDictionary(Map.of(Ready.PART, "loopback", "viberId", viberId)));
        }
    }

    synchronized void unbindController(Ready controller) {
        connected.remove(controller);
        if (connected.isEmpty()) {
            withdraw();
        }
    }

    @Deactivate
    synchronized void deactivate() {
        withdraw();
    }

    private void withdraw() {
        ServiceRegistration<Ready> registered = ready;
        ready = null;
        if (registered != null) {
            registered.unregister();
        }
    }
}
