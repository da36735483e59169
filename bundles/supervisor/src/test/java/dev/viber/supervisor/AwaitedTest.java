package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;

class AwaitedTest {
    private final Awaited awaited = new Awaited(new PromiseFactory(PromiseFactory.inlineExecutor()));

    private static Vm vm(Phase phase) {
        VmSpec spec = new VmSpec("web", 1, 64, null, null, VmSpec.Restart.NEVER, null, null, null);
        Instant now = Instant.now();
        return new Vm(
                1, spec, phase, null, new Lease("10.0.0.9"), null, null, null, null, Map.of(), now, now, null, null);
    }

    @Test
    void whoWaitsNoMoreIsForgottenAndTheOthersAreTold() {
        Promise<Vm> one = awaited.ready("web", () -> vm(Phase.RUNNING));
        Promise<Vm> other = awaited.ready("web", () -> vm(Phase.RUNNING));
        awaited.leave("web", one);
        awaited.moved(vm(Phase.READY));
        assertThat(one.isDone()).isFalse();
        assertThat(other.isDone()).isTrue();
    }
}
