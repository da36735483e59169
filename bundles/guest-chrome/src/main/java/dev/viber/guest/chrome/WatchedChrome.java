package dev.viber.guest.chrome;

import dev.viber.api.guest.AgentLog;
import dev.viber.api.guest.Chrome;
import dev.viber.api.guest.ChromeGoneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps a Chrome running: one thread starts it, waits for its end and starts it again, after a pause that doubles from a
 * quarter of a second to 8 s with each end that came within a minute.
 */
@Component(
        service = {Chrome.class, WatchedChrome.class},
        immediate = true)
public final class WatchedChrome implements Chrome {
    private static final long COMES_UP_WITHIN_MS = 60_000;
    private static final long FIRST_PAUSE_MS = 250;
    private static final long LONGEST_PAUSE_MS = 8_000;
    private static final long HEALTHY_NS = TimeUnit.MINUTES.toNanos(1);

    private final AgentLog log;
    private final Settings settings;
    private final Path exchange;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable ChromeProcess process;
    private @Nullable Running running;
    private String trouble = "Chrome is being started";
    private int starts;
    private boolean closed;

    /** Is told how Chrome fares, on the thread that watches it. */
    interface Watcher {
        /** It answers. */
        void isUp(Running chrome);

        /** It ended, or did not come up; the next try comes after that pause. */
        void isDown(String why, long pauseMs);
    }

    /** Begins; returns before Chrome is up. */
    @Activate
    public WatchedChrome(@Reference AgentLog log) throws IOException {
        this.log = log;
        settings = Settings.of(System.getenv());
        exchange = Files.createTempDirectory("viper-exchange");
        Files.setPosixFilePermissions(exchange, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (!settings.sandbox()) {
            log.write("agent", "Chrome runs without its sandbox: as root, or where user namespaces are not to be had");
        }
        Thread.ofVirtual().name("chrome-watch").start(this::watch);
    }

    /** Tells from now on, at once where it is up. */
    void watch(Watcher watcher) {
        watchers.add(watcher);
        Running now = now();
        if (now != null) {
            watcher.isUp(now);
        }
    }

    void forget(Watcher watcher) {
        watchers.remove(watcher);
    }

    /** The one that answers now, or null. */
    @Nullable
    Running now() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** What keeps it from answering, in words. */
    String trouble() {
        lock.lock();
        try {
            return trouble;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Running running(Duration patience) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (running == null) {
                if (closed || left <= 0) {
                    throw new ChromeGoneException(trouble);
                }
                left = changed.awaitNanos(left);
            }
            return running;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChromeGoneException("interrupted while waiting for Chrome");
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Path exchange() {
        return exchange;
    }

    @Deactivate
    void close() {
        ChromeProcess last;
        lock.lock();
        try {
            closed = true;
            last = process;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.end();
        }
        remove(exchange);
        if (settings.ownUserData()) {
            remove(settings.userData());
        }
    }

    private void watch() {
        long pause = FIRST_PAUSE_MS;
        try {
            while (!isClosed()) {
                long begun = System.nanoTime();
                String why = runOnce();
                pause = System.nanoTime() - begun >= HEALTHY_NS ? FIRST_PAUSE_MS : pause;
                if (!isClosed()) {
                    long wait = pause;
                    log.write("agent", why + "; it is started again in " + wait + " ms");
                    watchers.forEach(each -> each.isDown(why, wait));
                    rest(wait);
                    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From a start to the end that it came to, told in words. */
    private String runOnce() throws InterruptedException {
        ChromeProcess started = null;
        try {
            started = ChromeProcess.start(settings, log);
            if (!began(started)) {
                started.end();
                return "the agent stops";
            }
            Running up = started.running(starts, settings.sandbox(), COMES_UP_WITHIN_MS);
            set(up, "");
            log.write("agent", up.product() + " answers on port " + up.port() + ", process " + up.pid());
            watchers.forEach(each -> each.isUp(up));
            int code = started.awaitEnd();
            return set(null, "Chrome ended with exit code " + code);
        } catch (IOException e) {
            if (started != null) {
                started.kill();
            }
            return set(null, "Chrome did not come up: " + e.getMessage());
        }
    }

    private boolean began(ChromeProcess started) {
        lock.lock();
        try {
            process = started;
            starts++;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private String set(@Nullable Running now, String why) {
        lock.lock();
        try {
            running = now;
            trouble = why;
            changed.signalAll();
            return why;
        } finally {
            lock.unlock();
        }
    }

    private void rest(long ms) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(ms);
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            log.write("agent", folder + " stays behind: " + e.getMessage());
        }
    }
}
