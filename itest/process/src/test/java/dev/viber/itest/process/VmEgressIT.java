package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.vm.Lease;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What a guest must not reach, tried from within: by root with frames of its own making ({@link EgressTries}), and by a
 * real Chrome. Each try fails while the policy is on, and passes, in the same run, once it is off.
 */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 25, unit = TimeUnit.MINUTES)
class VmEgressIT {
    private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
    private static final int PATIENCE = 1200;
    private static final int ROUNDS = 3;

    private static final Pattern MARK = Pattern.compile("TRY-[a-z0-9-]+");

    @TempDir
    Path dir;

    private Machines machines;
    private Cluster cluster;
    private EgressWorld world;
    private EgressProbe host;
    private EgressProbe attacker;
    private EgressProbe other;
    private Lease own;
    private Lease neighbour;
    private ServerSocket service;
    private final Set<String> served = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void start() throws Exception {
        Path images = dir.resolve("images");
        Machines.said(List.of(
                BASE.resolve("src/test/egress/make").toString(), System.getProperty("vm.images"), images.toString()));
        world = new EgressWorld(images.resolve("probe"));
        service = new ServerSocket(8090);
        Thread.ofVirtual().start(this::acceptAll);
        machines = new Machines(dir, images.toString());
        cluster = machines.cluster()
                .with("VIBER_NETWORK_LINUX_DNS", EgressWorld.NAMES)
                .with("VIBER_SUPERVISOR_READY_MS", "3600000");
        cluster.startGateway();
        machines.create("web").expect(201);
        own = create("attacker", List.of(EgressTries.ALLOWED));
        neighbour = create("other", List.of(EgressTries.ALLOWED_TO_OTHER));
        Machines.said(List.of("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/viperbr0/accept_source_route"));
        host = EgressProbe.of(
                new ProcessBuilder(images.resolve("probe").toString(), "host", "viperbr0")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start(),
                "serves");
        attacker = EgressProbe.in(own.ipAddress());
        other = EgressProbe.in(neighbour.ipAddress());
    }

    private Lease create(String name, List<String> egress) throws Exception {
        JsonNode made = cluster.rest()
                .post(
                        "/vms",
                        Map.of(
                                "name",
                                name,
                                "cpu_cores",
                                1,
                                "memory_mb",
                                128,
                                "kernel_cmdline",
                                "probe=yes",
                                "egress",
                                egress))
                .expect(201);
        return new Lease(made.path("ip_address").asString());
    }

    /** A service of the host's; what it is asked is kept. */
    private void acceptAll() {
        try {
            while (true) {
                Socket socket = service.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        byte[] asked = socket.getInputStream().readNBytes(64);
                        Matcher mark = MARK.matcher(new String(asked, StandardCharsets.US_ASCII));
                        while (mark.find()) {
                            served.add(mark.group());
                        }
                    } catch (IOException e) {
                        // Whoever came has gone.
                    }
                });
            }
        } catch (IOException e) {
            // Closed, as the test ends.
        }
    }

    @AfterEach
    void stop() throws Exception {
        try {
            machines.close();
        } finally {
            service.close();
            host.close();
            world.close();
        }
    }

    @Test
    void whatAGuestMustNotReachItDoesNot() throws Exception {
        List<EgressTries.Try> tries = EgressTries.of(own, neighbour, cluster.port());
        assertThat(tries.size() + EgressPages.ALL.size()).isGreaterThanOrEqualTo(50);

        whatIsAllowedWorks();
        for (int round = 0; round < ROUNDS; round++) {
            send(tries, "on");
        }
        settle("on");
        Set<String> lies = lie("on");
        machines.await("web", "ready");
        open("on", 1);
        settle("on-pages");
        Map<String, String> passed = new TreeMap<>();
        for (EgressTries.Witness witness : EgressTries.Witness.values()) {
            for (String mark : seenBy(witness)) {
                if (mark.contains("-on") && !mark.startsWith("TRY-end")) {
                    passed.merge(nameOf(mark, tries), witness.name(), (one, two) -> one + " " + two);
                }
            }
        }
        lies.forEach(lie -> passed.put(lie, "believed"));

        String rules = Machines.said(List.of("nft", "list", "ruleset"));
        List<String> failed = new ArrayList<>();
        try {
            switchOff();
            for (int round = 0; round < ROUNDS; round++) {
                send(tries, "off");
                settle("off-" + round);
            }
            open("off", 5);
            settle("off-pages");
            for (int i = 0; i < tries.size(); i++) {
                if (!seenBy(tries.get(i).witness()).contains("TRY-%d-off".formatted(i))) {
                    failed.add(tries.get(i).name());
                }
            }
            for (int i = 0; i < EgressPages.ALL.size(); i++) {
                if (!seenBy(EgressPages.ALL.get(i).witness()).contains("TRY-p%d-off".formatted(i))) {
                    failed.add(EgressPages.ALL.get(i).name());
                }
            }
            Set<String> believed = lie("off");
            LIES.stream().filter(lie -> !believed.contains(lie)).forEach(failed::add);
        } finally {
            Path file = dir.resolve("rules");
            Files.writeString(file, "flush ruleset\n" + rules);
            Machines.said(List.of("nft", "-f", file.toString()));
        }
        System.out.printf(
                "VmEgressIT: %d tries, %d passed%n",
                tries.size() + EgressPages.ALL.size() + LIES.size(), passed.size());
        assertThat(passed).as("passed with the policy on").isEmpty();
        assertThat(failed)
                .as("do not pass with the policy off, so they prove nothing")
                .isEmpty();
    }

    private void whatIsAllowedWorks() throws IOException {
        assertThat(attacker.connect(EgressTries.PUBLIC, 80)).isEqualTo("ok");
        assertThat(attacker.connect(EgressTries.ALLOWED, 80)).isEqualTo("ok");
        assertThat(attacker.connect("10.77.0.6", 80)).isNotEqualTo("ok");
        assertThat(other.connect(EgressTries.ALLOWED, 80)).isNotEqualTo("ok");
        assertThat(other.connect(EgressTries.ALLOWED_TO_OTHER, 80)).isEqualTo("ok");
        assertThat(attacker.connect(EgressTries.GATEWAY, 53)).isEqualTo("ok");
        byte[] answer = attacker.askByUdp(EgressTries.GATEWAY, 53, Frames.question(0x1234, "public.test"));
        assertThat(answer).startsWith(0x12, 0x34).endsWith(8, 8, 4, 4);
    }

    private void send(List<EgressTries.Try> tries, String phase) throws IOException {
        for (int i = 0; i < tries.size(); i++) {
            attacker.send(tries.get(i).frames().apply(Frames.bytes("TRY-%d-%s;".formatted(i, phase))));
        }
    }

    /** Each once; with the policy off again where it was not seen, as Chrome may have been too slow for its call. */
    private void open(String phase, int times) throws Exception {
        for (int i = 0; i < EgressPages.ALL.size(); i++) {
            EgressPages.Try page = EgressPages.ALL.get(i);
            String number = "p%d-%s".formatted(i, phase);
            String text = page.text()
                    .replace("MARK", "TRY-" + number)
                    .replace("NUMBER", number)
                    .replace("OTHER", neighbour.ipAddress());
            for (int time = 0; time < times && !seenBy(page.witness()).contains("TRY-" + number); time++) {
                if (page.call().equals(EgressPages.RUN)) {
                    openPublic();
                    browse(EgressPages.RUN, Map.of("expression", text, "await_promise", true, "timeout_ms", 10_000));
                } else {
                    Rest.Answer answer =
                            browse(EgressPages.OPEN, Map.of("url", text, "wait_until", "commit", "timeout_ms", 10_000));
                    assertThat(phase.equals("on") && answer.status() == 200)
                            .as(page.name() + ": " + answer)
                            .isFalse();
                }
            }
        }
    }

    /** What is allowed, again where the try before is still leading elsewhere. */
    private void openPublic() throws IOException, InterruptedException {
        Map<String, Object> body = Map.of("url", "http://" + EgressTries.PUBLIC + "/", "timeout_ms", 30_000);
        Rest.Answer answer = browse(EgressPages.OPEN, body);
        for (int i = 0; i < 10 && answer.status() != 200; i++) {
            answer = browse(EgressPages.OPEN, body);
        }
        answer.expect(200);
    }

    private Rest.Answer browse(String call, Map<String, Object> body) throws IOException, InterruptedException {
        return cluster.rest().post("/vms/web/agent" + call, body);
    }

    /** Whatever was sent before has arrived when this has: what is allowed, along all three ways. */
    private void settle(String phase) throws Exception {
        String mark = "TRY-end-" + phase;
        for (int i = 0; i < PATIENCE; i++) {
            byte[] bytes = Frames.bytes(mark + ";");
            attacker.send(List.of(
                    Frames.ethernet(
                            EgressTries.GATEWAY_MAC,
                            own.macAddress(),
                            Frames.IP,
                            Frames.packet(own.ipAddress(), EgressTries.PUBLIC, Frames.UDP, Frames.udp(1, 9, bytes))),
                    echo(bytes)));
            if (world.probe().seen().contains(mark) && host.seen().contains(mark)) {
                if (!phase.startsWith("on")) {
                    // A frame in the other's name has drawn its card to the attacker's port, until it speaks itself.
                    Machines.said(List.of(
                            "bridge",
                            "fdb",
                            "replace",
                            neighbour.macAddress(),
                            "dev",
                            neighbour.tap(),
                            "master",
                            "dynamic"));
                }
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(
                            new DatagramPacket(bytes, bytes.length, InetAddress.getByName(neighbour.ipAddress()), 9));
                }
                if (other.seen().contains(mark)) {
                    return;
                }
            }
            Thread.sleep(50);
        }
        throw new IOException("what is allowed does not arrive: " + mark);
    }

    private Set<String> seenBy(EgressTries.Witness witness) throws IOException {
        return switch (witness) {
            case HOST -> {
                // The answers about pages go through the host, too: of these, what its service was asked counts.
                Set<String> seen = new HashSet<>(host.seen());
                seen.removeIf(mark -> mark.startsWith("TRY-p"));
                seen.addAll(served);
                yield seen;
            }
            case WORLD -> world.probe().seen();
            case OTHER -> other.seen();
        };
    }

    private static String nameOf(String mark, List<EgressTries.Try> tries) {
        String number = mark.split("-", -1)[1];
        return number.startsWith("p")
                ? EgressPages.ALL.get(Integer.parseInt(number.substring(1))).name()
                : tries.get(Integer.parseInt(number)).name();
    }

    private static final String MOVED = "the other's card is here, by a frame to the bridge's group";
    private static final String POISONED = "the other's address is here, by ARP";
    private static final String DIVERTED = "this address is at the other's card, by ARP";
    private static final List<String> LIES = List.of(MOVED, POISONED, DIVERTED);

    /** Tells the host what is not so; returns what it believed. Nothing may be asked of the guests afterwards. */
    private Set<String> lie(String phase) throws Exception {
        Set<String> believed = new TreeSet<>();
        for (int i = 0; i < ROUNDS; i++) {
            attacker.send(List.of(
                    Frames.ethernet("01:80:c2:00:00:0e", neighbour.macAddress(), 0x88cc, new byte[46]),
                    echo(Frames.bytes("TRY-end-lie;"))));
            if (Machines.said(List.of("bridge", "fdb", "show", "br", "viperbr0"))
                    .contains(neighbour.macAddress() + " dev " + own.tap())) {
                believed.add(MOVED);
                break;
            }
        }
        for (int i = 0; i < ROUNDS; i++) {
            if (isBelieved(own.macAddress(), neighbour.ipAddress(), phase + "-1" + i)) {
                believed.add(POISONED);
            }
            if (isBelieved(neighbour.macAddress(), own.ipAddress(), phase + "-2" + i)) {
                believed.add(DIVERTED);
            }
        }
        return believed;
    }

    /** Tells the host by ARP that this address is at this card, and whether it takes it so; it forgets it again. */
    private boolean isBelieved(String mac, String ip, String number) throws Exception {
        Machines.said(List.of("ip", "neigh", "flush", "dev", "viperbr0"));
        String mark = "TRY-end-arp-" + number;
        byte[] lie = Frames.arp(1, mac, ip, "00:00:00:00:00:00", EgressTries.GATEWAY, new byte[18]);
        attacker.tell(List.of(
                Frames.ethernet(Frames.ALL, own.macAddress(), Frames.ARP, lie), echo(Frames.bytes(mark + ";"))));
        for (int i = 0; i < PATIENCE && !host.seen().contains(mark); i++) {
            Thread.sleep(50);
        }
        boolean believed = Machines.said(List.of("ip", "neigh", "show", ip, "dev", "viperbr0"))
                .contains(mac);
        // Its answers find the way again.
        Machines.said(List.of("ip", "neigh", "flush", "dev", "viperbr0"));
        attacker.says("ok");
        attacker.says("ok");
        return believed;
    }

    private byte[] echo(byte[] mark) {
        return Frames.ethernet(
                EgressTries.GATEWAY_MAC,
                own.macAddress(),
                Frames.IP,
                Frames.packet(own.ipAddress(), EgressTries.GATEWAY, Frames.ICMP, Frames.icmp(8, 0, new byte[4], mark)));
    }

    private void switchOff() throws Exception {
        Machines.said(List.of("nft", "flush", "ruleset"));
        for (Lease lease : List.of(
                own, neighbour, new Lease(machines.vm("web").path("ip_address").asString()))) {
            Machines.said(List.of(
                    "ip",
                    "link",
                    "set",
                    "dev",
                    lease.tap(),
                    "type",
                    "bridge_slave",
                    "isolated",
                    "off",
                    "learning",
                    "on"));
        }
    }
}
