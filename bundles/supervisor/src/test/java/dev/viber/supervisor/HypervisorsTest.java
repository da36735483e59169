package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HypervisorsTest {
    private final Hypervisors hypervisors = new Hypervisors(Duration.ofMinutes(1));

    /** One that is only ever chosen, or has one machine. */
    static final class Chosen implements Hypervisor {
        private final @Nullable Monitor monitor;

        Chosen() {
            monitor = null;
        }

        Chosen(Monitor monitor) {
            this.monitor = monitor;
        }

        @Override
        public Probe probe() {
            return new Probe("tcg", "1", "emulation");
        }

        @Override
        public String likeness() {
            return "none";
        }

        @Override
        public Command command(Machine machine) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Monitor attach(Machine machine, Duration patience, Monitor.Listener events) throws IOException {
            if (monitor == null) {
                throw new IOException("it has no machines");
            }
            return monitor;
        }
    }

    @Test
    void whoeverChoosesWhileOneIsReplacedGetsTheNext() throws Exception {
        Hypervisor first = new Chosen();
        Hypervisor second = new Chosen();
        hypervisors.add(first, "qemu");
        hypervisors.remove(first);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Hypervisors.Choice> choice = threads.submit(() -> hypervisors.choose(null));
            hypervisors.add(second, "qemu");
            assertThat(choice.get().hypervisor()).isSameAs(second);
        }
    }

    @Test
    void oneLeavesOnlyWhenWhatItStartsIsStarted() throws Exception {
        Hypervisor one = new Chosen();
        hypervisors.add(one, "qemu");
        Hypervisors.Choice choice = hypervisors.choose("qemu");
        CompletableFuture<Boolean> gone = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            hypervisors.remove(one);
            gone.complete(true);
        });
        assertThat(gone).isNotDone();
        choice.close();
        assertThat(gone.get()).isTrue();
    }

    @Test
    void lanesFinishWhatHasBegunAndBeginNothingMore() throws Exception {
        Lanes lanes = new Lanes();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        lanes.aside("work", "one", () -> {
            inside.countDown();
            go.await();
            return done.complete(true);
        });
        inside.await();
        Thread closing = Thread.ofVirtual().start(() -> lanes.close(Duration.ofMinutes(1)));
        go.countDown();
        closing.join();
        assertThat(done).isCompletedWithValue(true);
        assertThat(lanes.enter()).isFalse();
    }
}
