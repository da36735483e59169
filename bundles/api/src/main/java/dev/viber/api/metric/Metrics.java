package dev.viber.api.metric;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A part that counts: registered as a service, its figures are among those of {@code /metrics}. */
@ConsumerType
@FunctionalInterface
public interface Metrics {
    /** All its figures, read at once; cheap, and never waits. */
    List<Metric> metrics();
}
