package dev.viber.plugins;

import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.plugin.JarFacts;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.plugin.PluginLifecycle.Trigger;
import dev.viber.api.plugin.PluginSource;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Tables.PluginRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about plugins happens on this one thread, one thing after another; the rows say how far it is. */
final class Host implements PluginHost {
    private static final Logger LOG = LoggerFactory.getLogger(Host.class);

    /** One thing to do. */
    @FunctionalInterface
    interface Work {
        void run() throws InterruptedException;
    }

    private final Rows rows;
    private final Rollout rollout;
    private final JarFolder jars;
    private final long mostBytes;
    private final Gate<PluginSource> source;
    private final PromiseFactory promises = new PromiseFactory(null);
    private final BlockingQueue<Work> work = new LinkedBlockingQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Thread worker;

    /**
     * A host that has not begun.
     *
     * @param restored called once, when every plugin that served when the viber ended serves again, or says why not
     */
    Host(Rows rows, Rollout rollout, JarFolder jars, long mostBytes, Gate<PluginSource> source, Runnable restored) {
        this.rows = rows;
        this.rollout = rollout;
        this.jars = jars;
        this.mostBytes = mostBytes;
        this.source = source;
        worker = Thread.ofVirtual().name("plugins").unstarted(() -> run(restored));
    }

    void start() {
        worker.start();
    }

    /** Ends in the middle of whatever it does; the rows say how to go on. */
    void close() {
        worker.interrupt();
    }

    private void run(Runnable restored) {
        try {
            while (!attempt(this::restore)) {
                LOG.info("the plugins wait for the viber's store");
            }
            wake();
            restored.run();
            while (true) {
                attempt(work.take());
            }
        } catch (InterruptedException e) {
            LOG.debug("the plugins are left as they are");
        }
    }

    private static boolean attempt(Work each) throws InterruptedException {
        try {
            each.run();
            return true;
        } catch (GateShutException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LOG.warn("plugins: {}", e.getMessage());
            return false;
        } catch (RuntimeException e) {
            LOG.error("something about plugins went wrong; it is taken up again with the next one", e);
            return true;
        }
    }

    /** Has something done behind all that waits. */
    void submit(Work each) {
        work.add(each);
    }

    private void restore() throws InterruptedException {
        List<PluginRow> all = rows.all();
        sweep(all);
        for (PluginRow row : all) {
            PluginEdit.Version former = PluginEdit.former(row);
            if (Orders.isIn(row, Phase.ACTIVE) || Orders.isIn(row, Phase.FAILED)) {
                restore(row);
            } else if (former != null && !Orders.isIn(row, Phase.REMOVING)) {
                try {
                    rollout.bring(
                            row.symbolicName() + " " + former.version(),
                            former.digest(),
                            former.signature(),
                            former.location());
                } catch (PluginFailure e) {
                    LOG.error("plugin {} does not serve while its next version comes: {}", row.id(), e.getMessage());
                }
            }
        }
    }

    private void restore(PluginRow row) throws InterruptedException {
        try {
            List<String> services = rollout.bring(Rollout.name(row), row.digest(), row.signature(), row.location());
            if (Orders.isIn(row, Phase.FAILED)) {
                rows.put(PluginEdit.of(row).on(Trigger.HEALTHY).serving(services));
            }
            LOG.info("plugin {} serves again: {}", Rollout.name(row), services);
        } catch (PluginFailure e) {
            LOG.error("plugin {} does not serve: {}", Rollout.name(row), e.getMessage());
            if (Orders.isIn(row, Phase.ACTIVE)) {
                rows.put(PluginEdit.of(row).lost(String.valueOf(e.getMessage())));
            }
        }
    }

    private void sweep(List<PluginRow> all) {
        Set<String> used = new HashSet<>();
        for (PluginRow row : all) {
            used.add(row.digest());
            PluginEdit.Version former = PluginEdit.former(row);
            if (former != null) {
                used.add(former.digest());
            }
        }
        try {
            jars.keepOnly(used);
        } catch (IOException e) {
            LOG.warn("jars nobody needs any more stay: {}", e.toString());
        }
    }

    @Override
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            submit(() -> {
                woken.set(false);
                resume();
                orders();
            });
        }
    }

    /** Takes up whatever was left in the middle. */
    private void resume() throws InterruptedException {
        for (PluginRow row : rows.all()) {
            advance(
                    switch (Phase.of(row.state())) {
                        case FETCHED, RESOLVED, STARTING -> rows.put(Orders.interrupted(row));
                        default -> row;
                    });
        }
    }

    private void orders() throws InterruptedException {
        while (true) {
            Map<String, String> waiting = rows.read(tables -> tables.values().list(ORDERS));
            Map.Entry<String, String> next =
                    waiting.entrySet().stream().findFirst().orElse(null);
            if (next == null) {
                return;
            }
            Optional<PluginRow> row = rows.change(tables -> {
                tables.values().remove(next.getKey());
                return Orders.take(tables, next.getValue());
            });
            if (row.isPresent()) {
                advance(row.get());
            }
        }
    }

    /** Does what a row says is to be done, up to where it is settled or has to wait for the gateway. */
    private PluginRow advance(PluginRow row) throws InterruptedException {
        return switch (Phase.of(row.state())) {
            case OFFERED -> advanceOffered(row);
            case FETCHED -> rollout.roll(row);
            case ROLLING_BACK -> rollout.rollBack(row);
            case REMOVING -> {
                rollout.remove(row);
                yield row;
            }
            default -> row;
        };
    }

    private PluginRow advanceOffered(PluginRow row) throws InterruptedException {
        PluginRow fetched;
        if (row.source().equals(Orders.GATEWAY)) {
            try {
                fetched = source.call(present -> fetch(row, present));
            } catch (IOException | GateShutException e) {
                LOG.info("the jar of {} will be asked for again: {}", Rollout.name(row), e.getMessage());
                return row;
            }
        } else {
            fetched = rollout.laid(row);
        }
        return Orders.isIn(fetched, Phase.FETCHED) ? rollout.roll(fetched) : fetched;
    }

    private PluginRow fetch(PluginRow row, PluginSource present) throws IOException {
        try {
            return rollout.fetch(row, present);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("the viber ends");
        }
    }

    @Override
    public List<Plugin> list() {
        return rows.all().stream().map(Rows::view).toList();
    }

    @Override
    public Promise<Plugin> install(Path jar, @Nullable String signature, boolean downgrade) {
        return ask(() -> install(jar, signature, downgrade, "shell", "l-" + UUID.randomUUID()));
    }

    /** Installs a jar that lies here; on the host's own thread. */
    PluginRow install(Path jar, @Nullable String signature, boolean downgrade, String from, String offer)
            throws InterruptedException {
        String digest;
        JarFacts facts;
        try (InputStream in = Files.newInputStream(jar)) {
            digest = jars.lay(in, mostBytes);
            facts = JarFacts.read(jars.path(digest));
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.INVALID, "%s cannot be taken in: %s".formatted(jar.getFileName(), reason(e)));
        }
        PluginEdit.Version version = new PluginEdit.Version(
                facts.version(), digest, signature, jars.path(digest).toString(), from, List.of());
        return advance(rows.change(tables -> Orders.offered(tables, facts.symbolicName(), version, offer, downgrade)));
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : String.valueOf(e.getMessage());
    }

    @Override
    public Promise<Plugin> remove(String id) {
        return ask(() -> removeNow(id));
    }

    /** Removes a plugin; on the host's own thread. */
    PluginRow removeNow(String id) throws InterruptedException {
        PluginRow had = rows.find(id).orElseThrow(() -> ProblemException.notFound("plugin", id));
        Optional<PluginRow> removing = rows.change(tables -> Orders.remove(tables, id, null));
        if (removing.isPresent()) {
            advance(removing.get());
        }
        return had;
    }

    private interface Question {
        PluginRow ask() throws InterruptedException;
    }

    private Promise<Plugin> ask(Question question) {
        Deferred<Plugin> answer = promises.deferred();
        submit(() -> {
            try {
                PluginRow row = question.ask();
                if (row.error() != null) {
                    answer.fail(new ProblemException(Kind.INVALID, row.error(), Map.of("plugin", row.id())));
                } else {
                    answer.resolve(Rows.view(row));
                }
            } catch (RuntimeException | InterruptedException e) {
                answer.fail(e);
                if (e instanceof InterruptedException interrupted) {
                    throw interrupted;
                }
            }
        });
        return answer.getPromise();
    }
}
