package dev.viber.events;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import java.util.List;

/** One topic, counted by seq. */
record TopicTrack(Gate<Store> store, String topic) implements Follower.Track {
    @Override
    public boolean takes(Segment segment) {
        return segment.topic().equals(topic);
    }

    @Override
    public long first(Segment segment) {
        return segment.seq();
    }

    @Override
    public List<Segment> read(long after, int max) {
        return store.call(s -> s.read(tables -> tables.journal().read(topic, after, max)));
    }

    @Override
    public long oldest() {
        return store.call(s -> s.read(tables -> tables.journal().firstSeq(topic)));
    }

    @Override
    public long last() {
        return store.call(s -> s.read(tables -> tables.journal().lastSeq(topic)));
    }
}
