package dev.viber.hypervisor.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A machine's state in files: {@code state}, what QEMU sends when it migrates, and {@code memory}, an image of the guest's
 * memory that clones map privately, so that all of them share the pages they do not change.
 *
 * <p>The memory of a clone is no file of its own; then it is in {@code state}, and there is no {@code memory}.
 *
 * <p>QEMU leaves memory out by {@code x-ignore-shared}; from 8.1 on it does so for files with a name only, which ours has
 * not: then memory is in {@code state} as well.
 */
final class QemuSnapshot {
    private static final String STATE = "state";
    private static final String MEMORY = "memory";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int CHUNK = 1 << 20;

    private final Qmp qmp;
    private final Migration migration;
    private final Path socket;

    QemuSnapshot(Qmp qmp, Migration migration, Path folder) {
        this.qmp = qmp;
        this.migration = migration;
        socket = socket(folder);
    }

    private static Path socket(Path folder) {
        return folder.resolve("state.sock");
    }

    /** What a server that was killed over it left in a machine's folder. */
    static void clear(Path folder) throws IOException {
        Files.deleteIfExists(socket(folder));
    }

    /** What QEMU tells of a migration. */
    static final class Migration {
        private CompletableFuture<String> end = new CompletableFuture<>();

        private Runnable atFailure = () -> {};

        synchronized void begin(Runnable then) {
            end = new CompletableFuture<>();
            atFailure = then;
        }

        synchronized void told(String status) {
            if (status.equals("completed") || status.equals("failed") || status.equals("cancelled")) {
                end.complete(status);
                if (!status.equals("completed")) {
                    atFailure.run(); // one that is done has connected, and may not have been let in yet
                }
            }
        }

        private synchronized CompletableFuture<String> end() {
            return end;
        }

        void await(Qmp qmp) throws IOException, InterruptedException {
            try {
                String status = end().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                if (!status.equals("completed")) {
                    throw new IOException("QEMU says that it %s: %s"
                            .formatted(
                                    status,
                                    qmp.execute("query-migrate")
                                            .path("error-desc")
                                            .asString("no reason")));
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (TimeoutException e) {
                throw new IOException(late(), e);
            }
        }
    }

    static Path memory(Path folder) {
        return folder.resolve(MEMORY);
    }

    static boolean hasMemory(Path folder) {
        return Files.exists(memory(folder));
    }

    /** Writes the files of a machine that stands still. */
    List<String> make(long pid, Path folder) throws IOException, InterruptedException {
        Path memory = GuestMemory.find(pid);
        boolean apart = memory != null && leavesOutNameless();
        forgetLast();
        capabilities(apart);
        try {
            receive(folder.resolve(STATE));
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                tidy();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        tidy();
        if (memory == null || !apart) {
            return List.of(STATE);
        }
        GuestMemory.copy(memory, memory(folder));
        return List.of(STATE, MEMORY);
    }

    /** A machine that stood still when it was written cannot be written once more before it has gone on for an instant. */
    private void forgetLast() throws IOException {
        if (qmp.execute("query-status").path("status").asString("").equals("postmigrate")) {
            qmp.execute("cont");
            qmp.execute("stop");
        }
    }

    private void tidy() throws IOException {
        Files.deleteIfExists(socket);
        capabilities(false);
    }

    private void receive(Path file) throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        try (Limit limit = new Limit();
                ServerSocketChannel listener = limit.of(ServerSocketChannel.open(StandardProtocolFamily.UNIX))) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            migration.begin(() -> close(listener));
            qmp.execute("migrate", Map.of("uri", "unix:" + socket));
            try (SocketChannel sent = limit.of(listener.accept());
                    FileChannel state =
                            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long at = 0;
                for (long more = 1; more > 0; at += more) {
                    more = state.transferFrom(sent, at, CHUNK);
                }
            }
        } catch (ClosedChannelException e) {
            throw new IOException(why(), e);
        }
        migration.await(qmp);
    }

    /** Why a channel was closed while something was still awaited from it. */
    private String why() throws InterruptedException {
        if (!migration.end().isDone()) {
            return late();
        }
        try {
            migration.await(qmp);
            return "QEMU hung up before it had sent all";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String late() {
        return "QEMU did not finish within %d s".formatted(PATIENCE.toSeconds());
    }

    /** Closes channels that have been waited at for too long: they know no limit of their own. */
    private static final class Limit implements AutoCloseable {
        private final List<Channel> channels = new ArrayList<>();
        private final CountDownLatch done = new CountDownLatch(1);
        private boolean over;

        Limit() {
            Thread.ofVirtual().name("qemu-limit").start(this::watch);
        }

        private void watch() {
            try {
                if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    end();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void end() {
            over = true;
            channels.forEach(QemuSnapshot::close);
        }

        synchronized <T extends Channel> T of(T one) {
            channels.add(one);
            if (over) {
                QemuSnapshot.close(one);
            }
            return one;
        }

        @Override
        public void close() {
            done.countDown();
        }
    }

    /** QEMU is done, or dead, or late: whoever still waits for it waits in vain. */
    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has a machine that waits for it take the state of the files. */
    void load(Path folder) throws IOException, InterruptedException {
        capabilities(hasMemory(folder));
        migration.begin(() -> {});
        Files.deleteIfExists(socket);
        qmp.execute("migrate-incoming", Map.of("uri", "unix:" + socket));
        try (Limit limit = new Limit();
                SocketChannel sink = limit.of(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
                FileChannel state = FileChannel.open(folder.resolve(STATE), StandardOpenOption.READ)) {
            for (long at = 0; at < state.size(); ) {
                at += state.transferTo(at, CHUNK, sink);
            }
            sink.shutdownOutput();
            migration.await(qmp);
        } catch (ClosedChannelException e) {
            throw new IOException(why(), e);
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private void capabilities(boolean apart) throws IOException {
        qmp.execute(
                "migrate-set-capabilities",
                Map.of(
                        "capabilities",
                        List.of(
                                Map.of("capability", "events", "state", true),
                                Map.of("capability", "x-ignore-shared", "state", apart))));
    }

    private boolean leavesOutNameless() throws IOException {
        var version = qmp.execute("query-version").path("qemu");
        int major = version.path("major").asInt(0);
        return major < 8 || (major == 8 && version.path("minor").asInt(0) == 0);
    }
}
