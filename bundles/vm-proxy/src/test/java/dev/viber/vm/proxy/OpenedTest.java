package dev.viber.vm.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OpenedTest {
    private final Opened opened = new Opened();
    private final Principal one = new Principal("one", Role.OPERATOR, null);
    private final Principal other = new Principal("other", Role.OPERATOR, null);
    private final AtomicInteger closed = new AtomicInteger();

    @Test
    void aTokenThatEndsWhileItsCallWaitsOpensNothing() {
        try (Opened.Entry entry = opened.enter(one);
                Opened.Entry another = opened.enter(other)) {
            opened.revoked(one);
            assertThatThrownBy(entry::check)
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("not valid");
            entry.opens(closed::incrementAndGet);
            assertThat(closed).hasValue(1);
            another.check();
            another.opens(closed::incrementAndGet);
            assertThat(closed).hasValue(1);
        }
    }

    @Test
    void whatWasOpenedIsClosedWhenItsTokenEndsUnlessItClosedBefore() {
        Runnable forget;
        try (Opened.Entry entry = opened.enter(one);
                Opened.Entry again = opened.enter(one);
                Opened.Entry nothing = opened.enter(one)) {
            entry.opens(closed::incrementAndGet);
            forget = again.opens(() -> closed.addAndGet(10));
            nothing.check();
        }
        forget.run();
        opened.revoked(one);
        assertThat(closed).hasValue(1);
    }
}
