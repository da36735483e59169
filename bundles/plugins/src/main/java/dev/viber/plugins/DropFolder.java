package dev.viber.plugins;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import dev.viber.api.plugin.JarFacts;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.PluginRow;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder into which people drop jars: one that comes is installed, one that is overwritten is an update, one that goes
 * is removed. A jar still being copied is not whole, and is looked at again with its next change.
 */
final class DropFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DropFolder.class);
    private static final String SOURCE = "folder:";
    private static final String SIGNATURE = ".sig";

    private final Host host;
    private final Rows rows;
    private final Path folder;
    private final Path trust;
    private final WatchService watch;
    /** How each file was when it was last tried; on the host's thread alone. */
    private final Map<String, String> tried = new HashMap<>();

    DropFolder(Host host, Rows rows, Path folder, Path trust) throws IOException {
        this.host = host;
        this.rows = rows;
        this.folder = Files.createDirectories(folder);
        this.trust = Files.createDirectories(trust);
        watch = folder.getFileSystem().newWatchService();
        folder.register(watch, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
        trust.register(watch, ENTRY_CREATE, ENTRY_MODIFY);
    }

    void start() {
        host.submit(this::sync);
        Thread.ofVirtual().name("plugin-folder").start(this::follow);
    }

    private void follow() {
        try {
            while (true) {
                WatchKey key = watch.take();
                key.pollEvents();
                boolean trusted = trust.equals(key.watchable());
                host.submit(() -> {
                    if (trusted) {
                        tried.clear(); // whoever was refused may be trusted now
                    }
                    sync();
                });
                if (!key.reset()) {
                    LOG.warn("{} is gone; jars dropped into one made anew are seen at the next start", key.watchable());
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("the plugin folder is no longer watched");
        }
    }

    private void sync() throws InterruptedException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOG.warn("the plugin folder cannot be read: {}", e.toString());
            return;
        }
        for (Path file : files) {
            try {
                offer(file);
            } catch (IOException | ProblemException e) {
                LOG.warn("{} is not taken yet: {}", file, e.getMessage());
            }
        }
        List<String> names = files.stream().map(DropFolder::source).toList();
        tried.keySet().retainAll(names);
        for (PluginRow row : rows.all()) {
            if (row.source().startsWith(SOURCE) && !names.contains(row.source())) {
                host.removeNow(row.id());
            }
        }
    }

    private void offer(Path file) throws IOException, InterruptedException {
        Path signatureFile = folder.resolve(file.getFileName() + SIGNATURE);
        String stamp = stamp(file) + " " + stamp(signatureFile);
        if (stamp.equals(tried.put(source(file), stamp))) {
            return;
        }
        JarFacts facts = JarFacts.read(file);
        String signature =
                Files.exists(signatureFile) ? Files.readString(signatureFile).strip() : null;
        PluginRow row = rows.find(facts.symbolicName()).orElse(null);
        String offer = offerOf(file, signature);
        // One that took the viber down with it is not tried anew at each start.
        if (row != null && row.offer().equals(offer) && row.attempts() >= Rollout.MOST_ATTEMPTS) {
            return;
        }
        host.install(file, signature, false, source(file), offer);
    }

    private String offerOf(Path file, @Nullable String signature) throws IOException {
        return "%s%s:%s"
                .formatted(SOURCE, stamp(file), signature == null ? "-" : Integer.toHexString(signature.hashCode()));
    }

    private static String source(Path file) {
        return SOURCE + file.getFileName();
    }

    private static String stamp(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "-";
        }
        BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
        return facts.size() + "@" + facts.lastModifiedTime().toMillis();
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            LOG.debug("the watch cannot be closed", e);
        }
    }
}
