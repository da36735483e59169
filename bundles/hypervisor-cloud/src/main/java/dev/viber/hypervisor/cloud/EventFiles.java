package dev.viber.hypervisor.cloud;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when files grow; one watcher for all machines, since a system gives out few. */
final class EventFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventFiles.class);

    private record Following(Path file, Runnable grown) {}

    private final WatchService watch;
    private final Map<WatchKey, List<Following>> following = new HashMap<>();

    EventFiles() {
        try {
            watch = FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            throw new UncheckedIOException("files cannot be watched: " + e.getMessage(), e);
        }
        Thread.ofVirtual().name("cloud event files").start(this::tell);
    }

    /** Calls, on a thread that must not be held, whenever the file changed; until what this returns is closed. */
    synchronized Runnable follow(Path file, Runnable grown) throws IOException {
        Path folder = Objects.requireNonNull(file.getParent());
        WatchKey key =
                folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        Following one = new Following(file.getFileName(), grown);
        following.computeIfAbsent(key, any -> new ArrayList<>()).add(one);
        return () -> forget(key, one);
    }

    private synchronized void forget(WatchKey key, Following one) {
        List<Following> all = following.get(key);
        if (all != null && all.remove(one) && all.isEmpty()) {
            following.remove(key);
            key.cancel();
        }
    }

    private void tell() {
        try {
            while (true) {
                WatchKey key = watch.take();
                List<WatchEvent<?>> events = key.pollEvents();
                for (Following each : of(key)) {
                    if (events.stream()
                            .map(WatchEvent::context)
                            .anyMatch(name -> name == null || name.equals(each.file))) {
                        each.grown.run();
                    }
                }
                key.reset();
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("no file is watched any more");
        }
    }

    private synchronized List<Following> of(WatchKey key) {
        return List.copyOf(following.getOrDefault(key, List.of()));
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
    }
}
