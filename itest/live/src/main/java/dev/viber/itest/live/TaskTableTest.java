package dev.viber.itest.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.lifecycle.ImpossibleTransitionException;
import dev.viber.api.lifecycle.Lifecycle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.framework.FrameworkUtil;

/** The contract of life cycles, used across a bundle boundary as every other bundle uses it. */
class TaskTableTest {
    private enum Door {
        SHUT,
        OPEN,
        GONE
    }

    private enum Act {
        PULL,
        PUSH,
        TEAR_OUT
    }

    private static final Lifecycle<Door, Act> TABLE = Lifecycle.of("door", Door.class, Act.class, Door.SHUT)
            .on(Act.PULL, Door.OPEN, Door.SHUT)
            .on(Act.PUSH, Door.SHUT, Door.OPEN)
            .on(Act.TEAR_OUT, Door.GONE, Door.SHUT, Door.OPEN)
            .build();

    @Test
    void theTableComesFromTheApiBundleAndAnswersForOurEnums() {
        assertThat(FrameworkUtil.getBundle(Lifecycle.class).getSymbolicName()).isEqualTo("dev.viber.api");
        assertThat(TABLE.next("front", Door.SHUT, Act.PULL, List.of())).isEqualTo(Door.OPEN);
        assertThat(TABLE.isTerminal(Door.GONE)).isTrue();
    }

    @Test
    void anImpossibleEventNamesEntityStateEventAndHistory() {
        assertThatThrownBy(() -> TABLE.next("front", Door.GONE, Act.PUSH, List.of(Act.TEAR_OUT)))
                .isInstanceOf(ImpossibleTransitionException.class)
                .hasMessageContainingAll("door", "front", "GONE", "PUSH", "TEAR_OUT");
    }
}
