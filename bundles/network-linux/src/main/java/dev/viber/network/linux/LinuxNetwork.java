package dev.viber.network.linux;

import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network of microVMs as a service; its bridge and its rules outlive it, as the guests do. */
@Component(configurationPid = NetworkSettings.PID)
@Designate(ocd = NetworkSettings.class)
public final class LinuxNetwork implements Network {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxNetwork.class);
    private static final long CAP_NET_ADMIN = 1L << 12;

    private final Layout layout;
    private final Setup setup;
    private final DnsRelay names;
    private final ReentrantLock lock = new ReentrantLock();
    /** What lets in each guest that is there. */
    private final Map<Lease, String> attached = new LinkedHashMap<>();

    private boolean isSetUp;

    /** A network that has not touched the host yet. */
    @Activate
    public LinuxNetwork(NetworkSettings settings) {
        this(
                Layout.of(settings.bridge(), settings.subnet(), settings.host_ip()),
                settings.run().isEmpty() ? Path.of("/run/viper") : Path.of(settings.run()),
                Arrays.asList(settings.dns()));
    }

    LinuxNetwork(Layout layout, Path run, List<String> servers) {
        this.layout = layout;
        setup = new Setup(layout, run);
        names = new DnsRelay(layout.plan().gateway(), servers);
    }

    @Deactivate
    void stop() {
        names.close();
    }

    @Override
    public Plan plan() {
        return layout.plan();
    }

    @Override
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (String program : List.of("ip", "bridge", "nft")) {
            if (!isThere(program)) {
                problems.add("%s is not here: apt-get install iproute2 nftables".formatted(program));
            }
        }
        if (!isAllowed()) {
            problems.add("the server may not change the network: run it as root, or give it CAP_NET_ADMIN");
        }
        return problems;
    }

    private static boolean isThere(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        return Stream.of(path.split(":", -1)).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static boolean isAllowed() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .anyMatch(capabilities -> (capabilities & CAP_NET_ADMIN) != 0);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void attach(Lease lease, @Nullable List<String> egress) throws IOException {
        lock.lock();
        try {
            setUp();
            // At the same time: rules go by the tap's name, and nothing passes through it before the hypervisor has it.
            String script = Rules.guest(layout, lease, egress == null ? List.of() : egress);
            try (Commands.Started rules = Commands.startNft(script)) {
                Links.makeTap(lease.tap(), lease.macAddress(), layout.bridge());
                finish(rules, script);
            }
            attached.put(lease, script);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void detach(Lease lease) throws IOException {
        lock.lock();
        try {
            attached.remove(lease);
            Links.delete(lease.tap());
            if (Links.exists(layout.bridge())) {
                setUp();
                apply(Rules.noGuest(layout, lease));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<String> retain(Collection<Lease> leases) throws IOException {
        lock.lock();
        try {
            if (!Links.exists(layout.bridge()) && leases.isEmpty()) {
                return List.of();
            }
            setUp();
            Set<String> wanted = leases.stream().map(Lease::tap).collect(Collectors.toSet());
            List<String> gone = Links.taps(layout.bridge()).stream()
                    .filter(tap -> !wanted.contains(tap))
                    .toList();
            for (String tap : gone) {
                Links.delete(tap);
            }
            attached.keySet().retainAll(Set.copyOf(leases));
            apply(Rules.onlyGuests(layout, leases));
            leases.forEach(lease -> attached.putIfAbsent(lease, Rules.known(layout, lease)));
            return gone;
        } finally {
            lock.unlock();
        }
    }

    private void apply(String script) throws IOException {
        try (Commands.Started rules = Commands.startNft(script)) {
            finish(rules, script);
        }
    }

    /** A script fails where its tables are gone, as after {@code nft flush ruleset}: then all is made anew, in one step. */
    private void finish(Commands.Started rules, String script) throws IOException {
        try {
            rules.finish();
        } catch (IOException e) {
            try {
                Commands.nft(Rules.tables(layout) + String.join("", attached.values()) + script);
            } catch (IOException again) {
                again.addSuppressed(e);
                throw again;
            }
            LOG.warn(
                    "the nft tables named {} were gone: until now guests were held to nothing. They are there again; {}",
                    layout.bridge(),
                    e.getMessage());
        }
    }

    /** Once for each start of the server: whoever took something away while it was off finds it back. */
    private void setUp() throws IOException {
        if (isSetUp && Links.exists(layout.bridge())) {
            return;
        }
        for (Setup.Step step : setup.steps()) {
            step.perform();
        }
        names.open();
        isSetUp = true;
    }
}
