package dev.viber.api.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

class DurableStoreTest {
    private final Gate<Store> gate = new Gate<>("store", Duration.ofSeconds(20));
    private final DurableStore store = new DurableStore(gate);

    /** A store whose writes end as this promise does. */
    private record Ending(Promise<?> promise, CountDownLatch asked) implements Store {
        @Override
        @SuppressWarnings("unchecked") // the test knows what it writes
        public <T extends @Nullable Object> Promise<T> write(Change<T> change) {
            asked.countDown();
            return (Promise<T>) promise;
        }

        @Override
        public <T extends @Nullable Object> T read(Question<T> question) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Registration listen(CommitListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, Long> facts() {
            return Map.of();
        }
    }

    private void ends(Promise<?> promise) {
        gate.open(new Ending(promise, new CountDownLatch(1)));
    }

    @Test
    void returnsOnlyWhenTheChangeIsDurable() throws Exception {
        Deferred<String> fsync = new Deferred<>();
        Ending slow = new Ending(fsync.getPromise(), new CountDownLatch(1));
        gate.open(slow);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var written = threads.submit(() -> store.write(tables -> "kept"));
            assertThat(slow.asked().await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(written.isDone()).isFalse();
            fsync.resolve("kept");
            assertThat(written.get(20, TimeUnit.SECONDS)).isEqualTo("kept");
        }
    }

    @Test
    void aProblemComesOutAsItWasThrown() {
        ProblemException problem = ProblemException.notFound("pool", "web");
        ends(Promises.failed(problem));
        assertThatThrownBy(() -> store.write(tables -> "never")).isSameAs(problem);
        ends(Promises.failed(new StoreException("in a group", problem)));
        assertThatThrownBy(() -> store.write(tables -> "never")).isSameAs(problem);
    }

    @Test
    void anyOtherFailureIsTheStores() {
        ends(Promises.failed(new java.io.IOException("no space left on device")));
        assertThatThrownBy(() -> store.write(tables -> "never"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no space left on device");
    }
}
