package dev.viber.api.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.StoreException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

class GuestVisitsTest {
    private static final InetSocketAddress NOWHERE = InetSocketAddress.createUnresolved("web", 1);

    private final Gate<VmDesk> gate = new Gate<>("desk", Duration.ofMillis(100));
    private final GuestVisits visits = new GuestVisits(gate);

    /** Counts who is with a guest, and does nothing else that a desk does. */
    private static final class Counting {
        private final Set<Object> there = new HashSet<>();
        private final VmDesk desk = (VmDesk) Proxy.newProxyInstance(
                VmDesk.class.getClassLoader(), new Class<?>[] {VmDesk.class}, (self, method, arguments) -> {
                    return switch (method.getName()) {
                        case "enter" -> enter(arguments[1]);
                        case "leave" -> there.remove(arguments[1]);
                        case "hashCode" -> System.identityHashCode(self);
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
        private Runnable onEnter = () -> {};
        private @Nullable Throwable refusal;
        private @Nullable RuntimeException thrown;

        private Promise<VmDesk.Door> enter(Object visit) {
            onEnter.run();
            there.add(visit);
            if (thrown != null) {
                throw thrown;
            }
            return refusal == null
                    ? Promises.resolved(new VmDesk.Door(NOWHERE, NOWHERE, "secret"))
                    : Promises.failed(refusal);
        }
    }

    @Test
    void aDeskThatComesIsToldWhoIsThere() throws Exception {
        Counting first = new Counting();
        Counting second = new Counting();
        gate.open(first.desk);
        GuestVisits.Visit stays = visits.enter("web");
        visits.enter("web").close();
        assertThat(first.there).hasSize(1);
        gate.close(first.desk);

        gate.open(second.desk);
        visits.tell(second.desk);
        assertThat(second.there).hasSize(1);
        stays.close();
        stays.close();
        assertThat(second.there).isEmpty();
    }

    @Test
    void aDeskThatComesIsToldOfAllWhoAreThereAlsoWhereTheirGuestsArePaused() throws Exception {
        Counting first = new Counting();
        Counting second = new Counting();
        gate.open(first.desk);
        GuestVisits.Visit one = visits.enter("web-1");
        GuestVisits.Visit other = visits.enter("web-2");
        gate.close(first.desk);

        second.thrown = new ProblemException(ProblemException.Kind.CONFLICT, "it is paused");
        gate.open(second.desk);
        visits.tell(second.desk);
        assertThat(second.there).as("in use when they go on").hasSize(2);
        one.close();
        other.close();
        assertThat(second.there).isEmpty();
    }

    @Test
    void aDeskThatComesIsToldOfOneWhoseGuestDoesNotWake() throws Exception {
        Counting first = new Counting();
        Counting second = new Counting();
        gate.open(first.desk);
        try (GuestVisits.Visit visit = visits.enter("web")) {
            assertThat(visit.door().token()).isEqualTo("secret");
            gate.close(first.desk);
            second.refusal = new ProblemException(ProblemException.Kind.UNAVAILABLE, "it does not wake");
            gate.open(second.desk);
            visits.tell(second.desk);
            assertThat(second.there).hasSize(1);
        }
        assertThat(second.there).isEmpty();
    }

    @Test
    void aDeskThatFailsIsHeardAsItIs() {
        Counting desk = new Counting();
        gate.open(desk.desk);
        Throwable shut = catchThrowable(() -> new Gate<String>("store", Duration.ZERO).call(store -> store));
        for (Throwable failure : List.of(shut, new StoreException("the disk is full", null))) {
            desk.refusal = failure;
            assertThatThrownBy(() -> visits.enter("web")).isSameAs(failure);
            assertThat(desk.there).isEmpty();
        }
    }

    @Test
    void whoIsRefusedIsNotThereAndHearsWhy() {
        Counting desk = new Counting();
        desk.refusal = new ProblemException(ProblemException.Kind.UNAVAILABLE, "it does not wake");
        gate.open(desk.desk);
        assertThatThrownBy(() -> visits.enter("web"))
                .isInstanceOf(ProblemException.class)
                .hasMessage("it does not wake");
        assertThat(desk.there).isEmpty();
    }

    @Test
    void whoAsksADeskThatLeavesAsksTheNext() throws Exception {
        Counting first = new Counting();
        Counting second = new Counting();
        first.refusal = new CancellationException("it leaves");
        first.onEnter = () -> gate.open(second.desk);
        gate.open(first.desk);
        try (GuestVisits.Visit visit = visits.enter("web")) {
            assertThat(visit.door().token()).isEqualTo("secret");
            assertThat(second.there).hasSize(1);
        }
        assertThat(second.there).isEmpty();
    }
}
