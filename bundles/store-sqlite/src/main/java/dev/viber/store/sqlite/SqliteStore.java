package dev.viber.store.sqlite;

import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metrics;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A store in one SQLite file: WAL, synchronous FULL, one writer that commits in groups. */
@Component(
        service = {Store.class, Metrics.class},
        configurationPid = "dev.viber.store.sqlite",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SqliteStore.Config.class, factory = true)
public final class SqliteStore implements Store, Metrics, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);
    private static final long WAL_BOUND = 32L * 1024 * 1024;

    /** Where the store lies. */
    @ObjectClassDefinition(name = "Viber store on SQLite")
    public @interface Config {
        /** Its role, {@code gateway} or {@code viber}; published as a service property. */
        String store();

        /** The database file. */
        String path();

        /** How many questions are answered at once. */
        int readers() default 3;
    }

    private final String name;
    private final Path file;
    private final Db db;
    private final Writer writer;
    private final Readers readers;
    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private final long schema;

    /** Opens the store, or makes it; a database newer than this program is refused. */
    @Activate
    public SqliteStore(Config config) {
        this(config.store(), Path.of(config.path()), config.readers());
    }

    SqliteStore(String name, Path file, int readerCount) {
        this.name = name;
        this.file = file.toAbsolutePath();
        prepare(this.file);
        db = Db.open(this.file, false);
        try {
            Migrations.migrate(db);
            schema = db.number("PRAGMA user_version");
        } catch (RuntimeException e) {
            db.close();
            throw e;
        }
        PromiseFactory promises = new PromiseFactory(Executors.newVirtualThreadPerTaskExecutor());
        writer = new Writer(name, db, promises, this::tell, this::checkpoint);
        readers = new Readers(name, this.file, readerCount);
    }

    // SQLite gives its log and index the mode of the database file.
    private static void prepare(Path file) {
        Path folder = file.getParent();
        try {
            if (folder == null) {
                throw new StoreException("'%s' is no file".formatted(file), null);
            }
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            Files.createDirectories(folder, mode(posix, "rwx------"));
            Files.createFile(file, mode(posix, "rw-------"));
        } catch (FileAlreadyExistsException e) {
            LOG.debug("{} is there", file);
        } catch (IOException e) {
            throw new StoreException("cannot make %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static FileAttribute<?>[] mode(boolean posix, String mode) {
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    @Override
    public <T extends @Nullable Object> Promise<T> write(Change<T> change) {
        return writer.write(change);
    }

    @Override
    public <T extends @Nullable Object> T read(Question<T> question) {
        return readers.read(question);
    }

    @Override
    public Registration listen(CommitListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void tell(List<Segment> segments) {
        for (CommitListener listener : listeners) {
            try {
                listener.committed(segments);
            } catch (RuntimeException e) {
                LOG.warn("a listener failed: {}", e.toString(), e);
            }
        }
    }

    // SQLite's own checkpoints never shorten the log while readers come and go; this one does, between two groups.
    private void checkpoint() {
        try {
            if (Files.exists(wal()) && Files.size(wal()) > WAL_BOUND) {
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        } catch (IOException | StoreException e) {
            LOG.warn("the log of {} was not shortened: {}", file.getFileName(), e.getMessage());
        }
    }

    private Path wal() {
        return file.resolveSibling(file.getFileName() + "-wal");
    }

    @Override
    public Map<String, Long> facts() {
        Map<String, Long> facts = new LinkedHashMap<>();
        facts.put("schema", schema);
        facts.put("commits", writer.commits.sum());
        facts.put("changes", writer.changes.sum());
        facts.put("events", writer.events.sum());
        facts.put("queued", (long) writer.queued());
        facts.put("bytes", size(file));
        facts.put("wal.bytes", size(wal()));
        return facts;
    }

    @Override
    public List<Metric> metrics() {
        return Stream.of(
                        Metric.gauge("viber_store_schema_version", "Version of the database's schema.", schema),
                        Metric.counter(
                                "viber_store_commits_total", "Commits, each of them one fsync.", writer.commits.sum()),
                        Metric.counter(
                                "viber_store_changes_total",
                                "Changes made durable; those that waited together share a commit.",
                                writer.changes.sum()),
                        Metric.counter(
                                "viber_store_events_total", "Events appended to the journal.", writer.events.sum()),
                        Metric.gauge(
                                "viber_store_queued_changes", "Changes that wait for the writer.", writer.queued()),
                        Metric.gauge("viber_store_size_bytes", "Size of the database file.", size(file)),
                        Metric.gauge("viber_store_wal_size_bytes", "Size of the write-ahead log.", size(wal())),
                        writer.seconds.metric(),
                        writer.sizes.metric())
                .map(metric -> metric.with("store", name))
                .toList();
    }

    private static long size(Path path) {
        try {
            return Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException e) {
            LOG.debug("size of {}: {}", path, e.toString());
            return -1;
        }
    }

    /** Finishes what was taken in, and closes the file. */
    @Deactivate
    @Override
    public void close() {
        writer.close();
        readers.close();
        db.close();
    }
}
