package dev.viber.browser.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What pages downloaded, in a folder that Chrome's user may write to. */
final class Downloads {
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Map<String, @Nullable Object>> all = new LinkedHashMap<>();
    private long begun;

    /** In a folder below this one, made where it is missing. */
    Downloads(Path exchange) {
        folder = exchange.resolve("downloads");
        try {
            Files.createDirectories(folder);
            // Chrome runs as another user in a guest; names are random, so that nobody overwrites anything.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        } catch (IOException e) {
            throw new UncheckedIOException("downloads have no folder", e);
        }
    }

    Path folder() {
        return folder;
    }

    void event(String method, Tree p) {
        String id = p.get("guid").text();
        lock.lock();
        try {
            Map<String, @Nullable Object> entry = all.computeIfAbsent(id, _ -> new LinkedHashMap<>());
            if (method.equals("Browser.downloadWillBegin")) {
                begun++;
                entry.put("seq", begun);
                entry.put("id", id);
                entry.put("name", p.get("suggestedFilename").text());
                entry.put("url", p.get("url").text());
                entry.put("state", "inProgress");
            } else {
                entry.put("state", p.get("state").text());
                entry.put("bytes", p.get("receivedBytes").number());
                entry.put("total", p.get("totalBytes").number());
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** All there are, and the {@code seq} of the last that has begun. */
    Map<String, Object> list() {
        lock.lock();
        try {
            List<Map<String, @Nullable Object>> list = all.values().stream()
                    .<Map<String, @Nullable Object>>map(LinkedHashMap::new)
                    .toList();
            return Map.of("downloads", list, "last", begun);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until one is done: that of this id, or any that began behind a {@code seq} and was not told of yet. */
    Map<String, @Nullable Object> awaitEnd(@Nullable String id, long after, Deadline deadline) {
        lock.lock();
        try {
            while (true) {
                for (Map<String, @Nullable Object> each : all.values()) {
                    boolean meant = id == null
                            ? !each.containsKey("told") && each.get("seq") instanceof Long seq && seq > after
                            : id.equals(each.get("id"));
                    if (meant && !"inProgress".equals(each.get("state"))) {
                        each.put("told", true);
                        return new LinkedHashMap<>(each);
                    }
                }
                if (id != null && !all.containsKey(id)) {
                    throw new Failure(404, "no_such_download", "there is no download '" + id + "'");
                }
                if (deadline.isOver()) {
                    throw Failure.timeout("no download ended", deadline);
                }
                changed.awaitNanos(deadline.leftNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(503, "stopping", "the agent stops");
        } finally {
            lock.unlock();
        }
    }

    /** The file of one that is done. */
    Path file(String id) {
        lock.lock();
        try {
            Map<String, @Nullable Object> entry = all.get(id);
            if (entry == null) {
                throw new Failure(404, "no_such_download", "there is no download '" + id + "'");
            }
            if (!"completed".equals(entry.get("state"))) {
                throw new Failure(409, "download_not_done", "the download is " + entry.get("state"));
            }
            return folder.resolve(id);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets one that ended, and its file. */
    void remove(String id) {
        lock.lock();
        try {
            Map<String, @Nullable Object> entry = all.get(id);
            if (entry == null) {
                throw new Failure(404, "no_such_download", "there is no download '" + id + "'");
            }
            if ("inProgress".equals(entry.get("state"))) {
                throw new Failure(409, "download_not_done", "the download is " + entry.get("state"));
            }
            all.remove(id);
            Files.deleteIfExists(folder.resolve(id));
        } catch (IOException e) {
            throw new Failure(500, "internal", "the download's file stays: " + e.getMessage());
        } finally {
            lock.unlock();
        }
    }
}
