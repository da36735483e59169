package dev.viber.api.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String GOOD = "00-" + TRACE + "-" + SPAN + "-01";

    @Test
    void readsWhatItWrites() {
        assertThat(TraceContext.parse(GOOD)).hasValue(new TraceContext(TRACE, SPAN, 1));
        assertThat(TraceContext.parse(GOOD).map(TraceContext::toString)).hasValue(GOOD);
        TraceContext begun = TraceContext.begin();
        assertThat(TraceContext.parse(begun.toString())).hasValue(begun);
        assertThat(begun.flags()).isEqualTo(3);
    }

    @Test
    void aChildIsAnotherSpanOfTheSameTrace() {
        TraceContext parent = new TraceContext(TRACE, SPAN, 0);
        TraceContext child = parent.child();
        assertThat(child.traceId()).isEqualTo(TRACE);
        assertThat(child.spanId()).isNotEqualTo(SPAN);
        assertThat(child.flags()).isZero();
        assertThat(TraceContext.begin().traceId())
                .isNotEqualTo(TraceContext.begin().traceId());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01-" + TRACE + "-" + SPAN + "-01",
                "01-" + TRACE + "-" + SPAN + "-01-",
                "cc-" + TRACE + "-" + SPAN + "-ff-what-the-future-will-be-like",
            })
    void readsAsMuchOfALaterVersionAsItKnows(String later) {
        assertThat(TraceContext.parse(later)).hasValue(new TraceContext(TRACE, SPAN, 1));
    }

    @Test
    void carriesOnNoFlagsItDoesNotKnow() {
        assertThat(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-fe").map(TraceContext::flags))
                .hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-1",
                "00-" + TRACE + "-" + SPAN + "-01-",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                "00-" + TRACE + "-" + SPAN + "-01 ",
                " 00-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-0X",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "0-" + TRACE + "-" + SPAN + "-01",
                "01-" + TRACE + "-" + SPAN + "-01x",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
                "00-" + TRACE + "-00F067AA0BA902B7-01",
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00_" + TRACE + "_" + SPAN + "_01",
                "00-" + TRACE + "0-" + SPAN + "-01",
            })
    void whatIsNoneIsIgnored(String wrong) {
        assertThat(TraceContext.parse(wrong)).isEmpty();
    }

    @Test
    void idsThatAreNoneAreRefused() {
        assertThat(TraceContext.parse(null)).isEmpty();
        assertThatThrownBy(() -> new TraceContext("0".repeat(32), SPAN, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("trace id")
                .hasMessageContaining("32 lower-case");
        assertThatThrownBy(() -> new TraceContext(TRACE, "x", 0)).hasMessageContaining("span id 'x'");
    }
}
