package dev.viber.gateway;

import java.util.concurrent.atomic.LongAdder;

/** What is counted since the start. */
final class Counters {
    /** Frames made durable. */
    final LongAdder frames = new LongAdder();
    /** Frames about tasks their viber does not have. */
    final LongAdder stray = new LongAdder();
    /** Frames of unknown type. */
    final LongAdder unknown = new LongAdder();
    /** Frames that could not be read. */
    final LongAdder malformed = new LongAdder();
}
