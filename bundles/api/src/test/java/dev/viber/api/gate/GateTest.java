package dev.viber.api.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;

class GateTest {
    private final Gate<StringBuilder> gate = new Gate<>("builder", Duration.ofSeconds(20));

    @Test
    void aCallWaitsForAServiceToCome() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answer = threads.submit(() -> gate.call(StringBuilder::toString));
            gate.open(new StringBuilder("here"));
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("here");
        }
    }

    @Test
    void aServiceLeavesOnlyWhenTheCallsInsideItAreDone() throws Exception {
        StringBuilder service = new StringBuilder();
        gate.open(service);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var called = threads.submit(() -> gate.call(s -> {
                inside.countDown();
                assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
                return s.append("called,");
            }));
            inside.await();
            var left = CompletableFuture.runAsync(
                    () -> {
                        gate.close(service);
                        service.append("left");
                    },
                    threads);
            assertThat(gate.isOpen() && left.isDone()).isFalse();
            go.countDown();
            left.get(20, TimeUnit.SECONDS);
            called.get(20, TimeUnit.SECONDS);
        }
        assertThat(service).hasToString("called,left");
        assertThat(gate.isOpen()).isFalse();
    }

    @Test
    void aPromiseKeepsItsServiceUntilItIsResolved() throws Exception {
        StringBuilder service = new StringBuilder();
        gate.open(service);
        Deferred<String> later = new Deferred<>();
        Promise<String> promise = gate.callAsync(s -> later.getPromise());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var left = threads.submit(() -> gate.close(service));
            later.resolve("done");
            left.get(20, TimeUnit.SECONDS);
        }
        assertThat(promise.getValue()).isEqualTo("done");
    }

    @Test
    void aCallThatWaitsInVainSaysForWhat() {
        Gate<String> shut = new Gate<>("store of the gateway", Duration.ofMillis(1));
        assertThatThrownBy(() -> shut.call(s -> s))
                .isInstanceOf(GateShutException.class)
                .hasMessage("no store of the gateway after 1 ms of waiting");
    }
}
