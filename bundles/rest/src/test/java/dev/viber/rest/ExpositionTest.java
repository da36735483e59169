package dev.viber.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.metric.Counted;
import dev.viber.api.metric.Histogram;
import dev.viber.api.metric.Metric;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    private static Exposition filled(boolean open) {
        Exposition out = new Exposition(open);
        Counted counted = new Counted("viber_x_total", "Counted.", "method", "why");
        counted.add("GET", "a \"quote\", a \\ and\na line");
        counted.add("GET", "a \"quote\", a \\ and\na line");
        out.add(counted.metric());
        Histogram histogram = new Histogram("viber_y_seconds", "Took.", 0.1, 1);
        histogram.observe(0.05);
        histogram.observe(0.1);
        histogram.observe(7);
        out.add(histogram.metric().with("store", "a"));
        out.add(new Histogram("viber_y_seconds", "Took.", 0.1, 1).metric().with("store", "b"));
        out.add(Metric.gauge("viber_z", "Now.", "state", Map.of("on", 2L)));
        return out;
    }

    @Test
    void thePrometheusFormat() {
        assertThat(filled(false).text()).isEqualTo("""
                        # HELP viber_x_total Counted.
                        # TYPE viber_x_total counter
                        viber_x_total{method="GET",why="a \\"quote\\", a \\\\ and\\na line"} 2
                        # HELP viber_y_seconds Took.
                        # TYPE viber_y_seconds histogram
                        viber_y_seconds_bucket{store="a",le="0.1"} 2
                        viber_y_seconds_bucket{store="a",le="1.0"} 2
                        viber_y_seconds_bucket{store="a",le="+Inf"} 3
                        viber_y_seconds_sum{store="a"} 7.15
                        viber_y_seconds_count{store="a"} 3
                        viber_y_seconds_bucket{store="b",le="0.1"} 0
                        viber_y_seconds_bucket{store="b",le="1.0"} 0
                        viber_y_seconds_bucket{store="b",le="+Inf"} 0
                        viber_y_seconds_sum{store="b"} 0
                        viber_y_seconds_count{store="b"} 0
                        # HELP viber_z Now.
                        # TYPE viber_z gauge
                        viber_z{state="on"} 2
                        """);
    }

    @Test
    void openMetricsNamesACounterWithoutItsEndAndSaysWhereItEnds() {
        assertThat(filled(true).text())
                .contains("# TYPE viber_x counter\nviber_x_total{")
                .endsWith("viber_z{state=\"on\"} 2\n# EOF\n");
    }

    @Test
    void whatHasTooManyValuesIsCountedTogether() {
        Counted counted = new Counted("viber_x_total", "Counted.", "id");
        for (int i = 0; i < 1_100; i++) {
            counted.add("id" + i);
        }
        assertThat(counted.metric().samples()).hasSize(1_001).anySatisfy(sample -> {
            assertThat(sample.labels()).containsEntry("id", "other");
            assertThat(sample.value()).isEqualTo(100);
        });
    }
}
