package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.vm.Wheel.Driver;
import java.lang.annotation.Annotation;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WheelsTest {
    private static final Principal ANNA = new Principal("t1", Role.OWNER, null, "Anna");
    private static final Principal BERT = new Principal("t2", Role.OPERATOR, null);

    private record Limits(long grace_ms, long drive_ms, long wait_ms) implements LiveSettings {
        @Override
        public int max_viewers() {
            return 1;
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return LiveSettings.class;
        }
    }

    static Wheels wheels(long grace, long drive, long wait) {
        return new Wheels(new Desks(), new Limits(grace, drive, wait));
    }

    private static CompletableFuture<Optional<Driver>> call(Wheels wheels, @Nullable String key) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return wheels.await("web", key);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                command -> Thread.ofVirtual().start(command));
    }

    @Test
    void oneDrivesAndTasksWaitUntilHandedBack() throws Exception {
        Wheels wheels = wheels(60_000, 60_000, 60_000);
        assertThat(call(wheels, null).get(60, TimeUnit.SECONDS)).isEmpty();
        Wheels.Turn turn = wheels.take("web", "v1", ANNA);
        assertThat(turn.driver().name()).isEqualTo("Anna");
        assertThat(wheels.take("web", "v2", BERT)).as("the first one's").isEqualTo(turn);
        assertThat(wheels.take("other", "v2", BERT).driver().name()).isEqualTo("t2");

        assertThat(call(wheels, turn.key()).get(60, TimeUnit.SECONDS))
                .as("her own call")
                .isEmpty();
        CompletableFuture<Optional<Driver>> waits = call(wheels, "another");
        assertThat(wheels.release("web", "v2", "no")).isFalse();
        assertThat(waits).isNotDone();
        assertThat(wheels.release("web", "v1", "released")).isTrue();
        assertThat(waits.get(60, TimeUnit.SECONDS)).isEmpty();
        assertThat(wheels.driver("web")).isEmpty();
    }

    @Test
    void aCallThatWaitedForLongIsToldWhoDrives() throws Exception {
        Wheels wheels = wheels(60_000, 60_000, 50);
        wheels.take("web", "v1", ANNA);
        assertThat(call(wheels, null).get(60, TimeUnit.SECONDS).orElseThrow().name())
                .isEqualTo("Anna");
    }

    @Test
    void whoLeavesMayComeBackForAWhile() throws Exception {
        Wheels wheels = wheels(1500, 60_000, 60_000);
        wheels.take("web", "v1", ANNA);
        wheels.left("web", "v1");
        wheels.back("v1");
        CountDownLatch ended = new CountDownLatch(1);
        wheels.listen(vm -> ended.countDown(), vm -> {});
        assertThat(ended.await(2, TimeUnit.SECONDS)).isFalse();
        assertThat(wheels.driver("web")).as("she came back").isPresent();
        wheels.left("web", "v1");
        assertThat(call(wheels, null).get(60, TimeUnit.SECONDS)).isEmpty();
        assertThat(wheels.driver("web")).isEmpty();
    }

    @Test
    void aTurnEndsByItsLimitItsTokenOrWithTheBundle() throws Exception {
        Wheels brief = wheels(60_000, 50, 60_000);
        brief.take("web", "v1", ANNA);
        assertThat(call(brief, null).get(60, TimeUnit.SECONDS)).isEmpty();

        Wheels wheels = wheels(60_000, 60_000, 60_000);
        wheels.take("web", "v1", ANNA);
        wheels.revoke("t1");
        assertThat(wheels.driver("web")).isEmpty();
        wheels.take("web", "v1", ANNA);
        CompletableFuture<Optional<Driver>> waits = call(wheels, null);
        wheels.close();
        assertThat(waits.get(60, TimeUnit.SECONDS)).isEmpty();
    }
}
