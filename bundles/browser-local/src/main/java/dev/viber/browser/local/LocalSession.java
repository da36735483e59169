package dev.viber.browser.local;

import dev.viber.api.browser.BrowserSession;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One browser: its processes, its folder, and the ways in and out of it, which this process keeps open. */
final class LocalSession {
    private static final Logger LOG = LoggerFactory.getLogger(LocalSession.class);
    private static final long ENDS_WITHIN_S = 15;
    private static final int TOLD_OF_LOG = 600;

    private final Place place;
    private final EgressProxy proxy;
    private final ProcessHandle process;
    private final List<Door> doors;
    private final String token;
    private volatile Place.Facts facts;

    private LocalSession(
            Place place, EgressProxy proxy, ProcessHandle process, List<Door> doors, Place.Facts facts, String token) {
        this.place = place;
        this.proxy = proxy;
        this.process = process;
        this.doors = doors;
        this.facts = facts;
        this.token = token;
    }

    /**
     * Starts one that is nobody's yet; returns when its Chrome answers.
     *
     * @throws IOException where it does not come up; then nothing of it is left
     */
    static LocalSession start(Confinement confinement, Place place, int uid, long orphanMs, long startMs)
            throws IOException, InterruptedException {
        List<Door> doors = new ArrayList<>();
        Process process = null;
        try {
            EgressProxy proxy =
                    new EgressProxy(place.name(), new Egress(List.of(), java.net.InetAddress::getAllByName));
            openOut(place, proxy, doors);
            Place.Facts facts = new Place.Facts(null, uid, null, Instant.now(), Instant.MAX, 0, 0, List.of());
            place.write(facts);
            process = confinement.start(place, uid, orphanMs).start();
            process.getOutputStream().close();
            ProcessMark mark = ProcessMark.of(process.pid());
            if (mark == null) {
                throw new IOException("its process ended at once");
            }
            place.write(with(facts, mark, null, Instant.MAX, List.of()));
            awaitReady(process, startMs);
            Place.Facts known = openIn(place, with(facts, mark, null, Instant.MAX, List.of()), doors);
            place.write(known);
            return new LocalSession(place, proxy, process.toHandle(), doors, known, place.token());
        } catch (IOException | InterruptedException | RuntimeException e) {
            // Whoever was interrupted still has to wait for the end of what it began.
            Thread.interrupted();
            String said = tail(place);
            doors.forEach(LocalSession::close);
            if (process != null) {
                end(process.toHandle());
            }
            place.remove();
            if (e instanceof IOException) {
                throw new IOException("a browser did not come up: %s%s".formatted(e.getMessage(), said), e);
            }
            throw e;
        }
    }

    /** Takes one on again that an earlier process started; null where it does not run any more. */
    static @Nullable LocalSession adopt(Place place, Egress egress, Place.Facts facts) throws IOException {
        ProcessMark mark = facts.process();
        ProcessHandle process = mark == null ? null : mark.process().orElse(null);
        if (process == null || facts.agentPort() == 0) {
            return null;
        }
        List<Door> doors = new ArrayList<>();
        try {
            EgressProxy proxy = new EgressProxy(place.name(), egress);
            openOut(place, proxy, doors);
            Place.Facts now = openIn(place, facts, doors);
            place.write(now);
            return new LocalSession(place, proxy, process, doors, now, place.token());
        } catch (IOException | RuntimeException e) {
            doors.forEach(LocalSession::close);
            throw e;
        }
    }

    /** From now on it is somebody's. */
    void give(String id, Instant until, List<String> allowed, Egress egress) throws IOException {
        proxy.egress(egress);
        Place.Facts now = facts;
        facts = new Place.Facts(
                now.process(), now.uid(), id, Instant.now(), until, now.agentPort(), now.devToolsPort(), allowed);
        place.write(facts);
    }

    Place.Facts facts() {
        return facts;
    }

    /** Whether its agent still listens: known sooner than the end of its processes is told. */
    boolean isAlive() {
        ProcessMark mark = facts.process();
        if (mark == null || mark.process().isEmpty()) {
            return false;
        }
        try (SocketChannel agent = SocketChannel.open(UnixDomainSocketAddress.of(place.agent()))) {
            return agent.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Resolves when its processes are gone. */
    CompletableFuture<?> onExit() {
        return process.onExit();
    }

    /** What it is called where it is somebody's. */
    BrowserSession shown() {
        Place.Facts now = facts;
        return new BrowserSession(
                String.valueOf(now.id()),
                LocalBrowsers.LOCAL,
                "process " + process.pid(),
                URI.create("http://127.0.0.1:" + now.agentPort()),
                URI.create("http://127.0.0.1:" + now.devToolsPort()),
                token,
                now.since(),
                now.until());
    }

    /** Ends its processes, closes its ways and removes its folder; nothing is left when this returns. */
    void end() throws InterruptedException {
        leave();
        end(process);
        try {
            place.remove();
        } catch (IOException e) {
            LOG.warn("The folder of a browser stays behind until the next start: {}", e.toString());
        }
    }

    /** Closes the ways of this process into it, and leaves it running. */
    void leave() {
        doors.forEach(LocalSession::close);
    }

    /** The first process of the namespaces goes first: the kernel ends all others with it, and then its parent ends. */
    static void end(ProcessHandle process) throws InterruptedException {
        List<ProcessHandle> first = process.children().toList();
        if (first.isEmpty()) {
            process.destroyForcibly();
        }
        first.forEach(ProcessHandle::destroyForcibly);
        try {
            process.onExit().get(ENDS_WITHIN_S, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("The processes of a browser did not end in {} s; process {}", ENDS_WITHIN_S, process.pid());
            process.destroyForcibly();
        }
    }

    private static void openOut(Place place, EgressProxy proxy, List<Door> doors) throws IOException {
        doors.add(Door.at(place.host().resolve("egress.sock"), proxy));
        doors.add(Door.at(place.host().resolve("lifeline.sock"), client -> {
            ByteBuffer nothing = ByteBuffer.allocate(64);
            while (client.read(nothing.clear()) >= 0) {
                // It says nothing; that this process listens is what it wants to know.
            }
        }));
    }

    /** At the ports it had, where they are free. */
    private static Place.Facts openIn(Place place, Place.Facts facts, List<Door> doors) throws IOException {
        Door agent = Door.to(place.agent(), facts.agentPort());
        doors.add(agent);
        Door devTools = Door.to(place.inside().resolve("devtools.sock"), facts.devToolsPort());
        doors.add(devTools);
        return new Place.Facts(
                facts.process(),
                facts.uid(),
                facts.id(),
                facts.since(),
                facts.until(),
                agent.port(),
                devTools.port(),
                facts.egress());
    }

    private static Place.Facts with(
            Place.Facts facts, ProcessMark mark, @Nullable String id, Instant until, List<String> egress) {
        return new Place.Facts(mark, facts.uid(), id, facts.since(), until, 0, 0, egress);
    }

    /** The agent says on its output when it listens and its Chrome answers. */
    private static void awaitReady(Process process, long startMs) throws IOException, InterruptedException {
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        Thread.ofVirtual().name("browser-output").start(() -> {
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    if (line.startsWith("{\"ready\":true")) {
                        ready.complete(true);
                    }
                }
            } catch (IOException e) {
                // As good as its end.
            }
            ready.complete(false);
        });
        try {
            if (!ready.get(startMs, TimeUnit.MILLISECONDS)) {
                throw new IOException("its agent ended");
            }
        } catch (TimeoutException e) {
            throw new IOException("it was not ready within %d ms".formatted(startMs), e);
        } catch (ExecutionException e) {
            throw new IOException("its output cannot be read", e);
        }
    }

    private static String tail(Place place) {
        try {
            String all = Files.readString(place.log()).strip();
            return all.isEmpty() ? "" : "; it said: " + all.substring(Math.max(0, all.length() - TOLD_OF_LOG));
        } catch (IOException e) {
            return "";
        }
    }

    private static void close(Closeable each) {
        try {
            each.close();
        } catch (IOException e) {
            LOG.debug("a socket of a browser did not close", e);
        }
    }
}
