package dev.viber.events;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import java.util.List;

/** All topics that match, counted by position. */
record PatternTrack(Gate<Store> store, List<String> patterns) implements Follower.Track {
    @Override
    public boolean takes(Segment segment) {
        for (String pattern : patterns) {
            boolean star = pattern.endsWith("*");
            if (star
                    ? segment.topic().startsWith(pattern.substring(0, pattern.length() - 1))
                    : segment.topic().equals(pattern)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long first(Segment segment) {
        return segment.position();
    }

    @Override
    public List<Segment> read(long after, int max) {
        return store.call(s -> s.read(tables -> tables.journal().readAll(patterns, after, max)));
    }

    @Override
    public long oldest() {
        return store.call(s -> s.read(tables -> tables.journal().firstPosition()));
    }

    @Override
    public long last() {
        return store.call(s -> s.read(tables -> tables.journal().lastPosition()));
    }
}
