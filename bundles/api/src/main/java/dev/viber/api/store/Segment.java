package dev.viber.api.store;

import java.util.List;

/**
 * Consecutive events of one topic, as they were committed together.
 *
 * @param position of the first event in the whole journal, from 1; the next events have the next positions
 * @param topic {@code task/<id>}, {@code viber/<id>}...
 * @param seq of the first event in its topic, from 1; the next events have the next numbers
 */
public record Segment(long position, String topic, long seq, List<JournalEvent> events) {
    /** The seq of the last event. */
    public long lastSeq() {
        return seq + events.size() - 1;
    }

    /** The position of the last event. */
    public long lastPosition() {
        return position + events.size() - 1;
    }

    /** This segment without its first events, so that it begins with the event at {@code fromSeq}; empty behind its end. */
    public Segment from(long fromSeq) {
        int skip = (int) Math.clamp(fromSeq - seq, 0L, events.size());
        return skip == 0 ? this : new Segment(position + skip, topic, seq + skip, events.subList(skip, events.size()));
    }
}
