package dev.viber.guest.chrome;

import com.sun.net.httpserver.HttpHandler;
import dev.viber.api.guest.Access;
import dev.viber.api.guest.AgentListener;
import dev.viber.api.guest.AgentLog;
import dev.viber.api.guest.Chrome.Running;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Says that the agent is ready, on stdout and to {@code viper-init}, once it listens, its calls are there and Chrome answers;
 * again for each Chrome that comes after, and after a new identity.
 */
@Component(
        service = {},
        immediate = true)
public final class Announcement implements WatchedChrome.Watcher {
    private static final Path MACHINE_ID = Path.of("/etc/machine-id");
    private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");

    private final AgentListener listener;
    private final Forwarder forwarder;
    private final WatchedChrome chrome;
    private final AgentLog log;
    private final Access access;
    private final @Nullable InitChannel init;
    private UUID instance = UUID.randomUUID();
    private boolean callsAreThere;
    private @Nullable Running up;
    private int told;

    /** Connects to {@code viper-init} where there is one. */
    @Activate
    public Announcement(
            @Reference AgentListener listener,
            @Reference Forwarder forwarder,
            @Reference WatchedChrome chrome,
            @Reference Access access,
            @Reference AgentLog log)
            throws IOException {
        this.listener = listener;
        this.forwarder = forwarder;
        this.chrome = chrome;
        this.log = log;
        this.access = access;
        init = InitChannel.open(System.getenv("VIPER_CONTROL_SOCKET"), log, this::hear);
    }

    @Activate
    void begin() {
        chrome.watch(this);
    }

    @Deactivate
    void close() throws IOException {
        chrome.forget(this);
        if (init != null) {
            init.close();
        }
    }

    @Reference(
            target = "(dev.viber.guest.path=/v1)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC)
    synchronized void bindCalls(HttpHandler calls) {
        callsAreThere = true;
        tellOnce();
    }

    /** A replacement is on its way: what waits for it is held, so the agent counts as ready. */
    void unbindCalls(HttpHandler calls) {}

    @Override
    public synchronized void isUp(Running now) {
        up = now;
        if (init != null && now.start() > 1) {
            init.say("event", values("name", "chrome-healed", "start", now.start(), "pid", now.pid()));
        }
        tellOnce();
    }

    @Override
    public synchronized void isDown(String why, long pauseMs) {
        up = null;
        if (init != null) {
            init.say("event", values("name", "chrome-died", "why", why, "restart-ms", pauseMs));
        }
    }

    private synchronized void tellOnce() {
        if (callsAreThere && up != null && told != up.start()) {
            told = up.start();
            tell(up);
        }
    }

    private void tell(Running now) {
        InetSocketAddress address = listener.address();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ready", true);
        facts.put("api", "http://" + host(address) + ":" + address.getPort());
        facts.put("devtools", "http://" + host(address) + ":" + forwarder.port());
        facts.put("browser", now.product());
        facts.put("pid", ProcessHandle.current().pid());
        System.out.println(Json.object(facts));
        System.out.flush();
        if (init != null) {
            init.say(
                    "ready",
                    values(
                            "agent-port",
                            address.getPort(),
                            "devtools-port",
                            forwarder.port(),
                            "websocket-path",
                            now.webSocketPath(),
                            "browser",
                            now.product(),
                            "user-agent",
                            now.userAgent(),
                            "sandbox",
                            now.sandboxed(),
                            "chrome-start",
                            now.start(),
                            "instance",
                            instance,
                            "machine-id",
                            line(MACHINE_ID),
                            "hostname",
                            line(HOSTNAME),
                            "agent-ms",
                            age(ProcessHandle.current()),
                            "chrome-ms",
                            ProcessHandle.of(now.pid()).map(Announcement::age).orElse(-1L)));
        }
    }

    /** The one line of a file of the system; empty where there is none. */
    private static String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Milliseconds since the start of a process, to the kernel's hundredth of a second; -1 where nobody tells. */
    private static long age(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(start -> Duration.between(start, Instant.now()).toMillis())
                .orElse(-1L);
    }

    private synchronized void hear(Line line) {
        if (!line.word().equals("identity")) {
            log.write(
                    "agent",
                    "viper-init said '" + line.word() + "': " + line.values().getOrDefault("text", ""));
            return;
        }
        // Chrome's generators were renewed by viper-init, and it sees for itself that its address is another.
        // Java's own generator mixes the kernel's into every draw, so it does not repeat; its state of its own is made
        // new, too.
        SecureRandom random = new SecureRandom();
        random.setSeed(random.generateSeed(32));
        instance = UUID.randomUUID();
        access.renew();
        log.write("agent", "new identity " + line.values());
        if (up != null) {
            told = up.start();
            tell(up);
        }
    }

    private static String host(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : address.getAddress().getHostAddress();
    }

    private static Map<String, String> values(Object... pairs) {
        Map<String, String> out = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            out.put(pairs[i].toString(), pairs[i + 1].toString());
        }
        return out;
    }
}
