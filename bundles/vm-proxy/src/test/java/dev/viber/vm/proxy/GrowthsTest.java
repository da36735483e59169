package dev.viber.vm.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthsTest {
    private static final int PATIENCE_S = 60;

    @TempDir
    private Path folder;

    private final Growths growths = new Growths();

    @Test
    void allWhoWaitShareOneWatcherWhichGoesWithTheLast() throws Exception {
        long before = watchers();
        List<Growths.Wait> waits = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            waits.add(growths.of(folder.resolve("vm-%d.log".formatted(i % 2))));
        }
        assertThat(watchers()).isEqualTo(before + 1);
        Files.writeString(folder.resolve("vm-1.log"), "more");
        for (int i = 1; i < 200; i += 2) {
            assertThat(waits.get(i).await(PATIENCE_S)).isTrue();
        }
        assertThat(waits.getFirst().await(0)).as("of another file").isFalse();
        for (Growths.Wait wait : waits) {
            wait.close();
        }
        assertThat(watchers()).isEqualTo(before);
        try (Growths.Wait again = growths.of(folder.resolve("vm-0.log"))) {
            Files.writeString(folder.resolve("vm-0.log"), "more");
            assertThat(again.await(PATIENCE_S)).isTrue();
        }
    }

    private static long watchers() throws IOException {
        long count = 0;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).toString().equals("anon_inode:inotify")) {
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void aTailReadsWhatComesUntilItIsClosed() throws Exception {
        Path log = folder.resolve("vm.log");
        Files.writeString(log, "before");
        LinkedBlockingQueue<String> read = new LinkedBlockingQueue<>();
        Thread reading;
        try (Tail tail = new Tail(log, growths)) {
            reading = Thread.ofVirtual().start(() -> read(tail, read));
            assertThat(read.poll(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo("fore");
            Files.writeString(log, "after", StandardOpenOption.APPEND);
            assertThat(read.poll(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo("after");
        }
        assertThat(reading.join(Duration.ofSeconds(PATIENCE_S))).isTrue();
    }

    private static void read(Tail tail, LinkedBlockingQueue<String> read) {
        try {
            tail.read(4, PATIENCE_S, new Tail.Sink() {
                @Override
                public void bytes(ByteBuffer bytes) {
                    read.add(StandardCharsets.US_ASCII.decode(bytes).toString());
                }

                @Override
                public void idle() {}
            });
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
