package dev.viber.hypervisor.qemu;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins the file of a serial port anew where it has grown too long: else a guest that prints fills the host's disk. QEMU
 * appends, so that it goes on at the beginning.
 */
final class SerialLimit implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SerialLimit.class);
    private static final long MOST = 16L << 20;
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final Path file;
    private final CountDownLatch closed = new CountDownLatch(1);

    SerialLimit(Path file) {
        this.file = file;
        Thread.ofVirtual().name("serial " + file.getFileName()).start(this::watch);
    }

    private void watch() {
        try {
            do {
                try {
                    cut(file, MOST);
                } catch (IOException e) {
                    LOG.warn("{} cannot be begun anew, and grows: {}", file, e.toString());
                }
            } while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Empties a file that is longer than this many bytes. */
    static void cut(Path file, long most) throws IOException {
        if (Files.exists(file) && Files.size(file) > most) {
            LOG.info("{} has more than {} bytes and is begun anew", file, most);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
