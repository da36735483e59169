package dev.viber.store.sqlite;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Tables.Journal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The journal; segments appended in a change are gathered for the listeners. */
final class JournalTable implements Journal {
    private static final String COLUMNS =
            "SELECT j.position, t.name, j.seq, j.count, j.body FROM journal j" + " JOIN topic t ON t.id = j.topic_id ";

    private final Db db;
    private final List<Segment> appended;
    private final JournalEnd end;

    JournalTable(Db db, List<Segment> appended, JournalEnd end) {
        this.db = db;
        this.appended = appended;
        this.end = end;
    }

    private record Place(long topicId, long lastSeq) {}

    @Override
    public long append(String topic, List<JournalEvent> events) {
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a segment has at least one event");
        }
        int count = events.size();
        Place place = db.first(
                        "INSERT INTO topic (name, last_seq) VALUES (?, ?) ON CONFLICT (name)"
                                + " DO UPDATE SET last_seq = last_seq + excluded.last_seq RETURNING id, last_seq",
                        row -> new Place(row.getLong(1), row.getLong(2)),
                        topic,
                        count)
                .orElseThrow();
        long seq = place.lastSeq() - count + 1;
        long position = end.take(count);
        db.update(
                "INSERT INTO journal (position, topic_id, seq, count, at, body) VALUES (?, ?, ?, ?, ?, ?)",
                position,
                place.topicId(),
                seq,
                count,
                events.getFirst().at(),
                SegmentCodec.encode(events));
        appended.add(new Segment(position, topic, seq, List.copyOf(events)));
        return seq;
    }

    @Override
    public List<Segment> read(String topic, long afterSeq, int max) {
        long topicId = db.number("SELECT id FROM topic WHERE name = ?", topic);
        List<Segment> found = db.list(
                COLUMNS + "WHERE j.topic_id = ? AND j.seq >= COALESCE((SELECT MAX(seq) FROM journal"
                        + " WHERE topic_id = ? AND seq <= ?), 0) ORDER BY j.seq LIMIT ?",
                JournalTable::segment,
                topicId,
                topicId,
                afterSeq + 1,
                max);
        return cut(
                found.stream()
                        .filter(segment -> segment.lastSeq() > afterSeq)
                        .map(segment -> segment.from(afterSeq + 1))
                        .toList(),
                max);
    }

    @Override
    public List<Segment> readAll(List<String> patterns, long afterPosition, int max) {
        StringBuilder where = new StringBuilder();
        List<Object> values = new ArrayList<>(List.of(afterPosition + 1));
        for (String pattern : patterns) {
            where.append(where.isEmpty() ? " AND (" : " OR ");
            if (pattern.equals("*")) {
                where.append("1");
            } else if (pattern.endsWith("*")) {
                String prefix = pattern.substring(0, pattern.length() - 1);
                where.append("(t.name >= ? AND t.name < ?)");
                values.add(prefix);
                values.add(prefix + Character.MAX_VALUE);
            } else {
                where.append("t.name = ?");
                values.add(pattern);
            }
        }
        where.append(where.isEmpty() ? "" : ")");
        values.add(max);
        List<Segment> found = db.list(
                COLUMNS + "WHERE j.position >= COALESCE((SELECT MAX(position) FROM journal WHERE position <= ?), 0)"
                        + where + " ORDER BY j.position LIMIT ?",
                JournalTable::segment,
                values.toArray());
        return cut(
                found.stream()
                        .filter(segment -> segment.lastPosition() > afterPosition)
                        .map(segment ->
                                segment.from(segment.seq() + Math.max(0, afterPosition + 1 - segment.position())))
                        .toList(),
                max);
    }

    private static List<Segment> cut(List<Segment> segments, int max) {
        List<Segment> taken = new ArrayList<>();
        int left = max;
        for (Segment segment : segments) {
            if (segment.events().isEmpty()) {
                continue;
            }
            if (left <= 0) {
                break;
            }
            int count = Math.min(left, segment.events().size());
            taken.add(
                    count == segment.events().size()
                            ? segment
                            : new Segment(
                                    segment.position(),
                                    segment.topic(),
                                    segment.seq(),
                                    segment.events().subList(0, count)));
            left -= count;
        }
        return taken;
    }

    private static Segment segment(java.sql.ResultSet row) throws java.sql.SQLException {
        return new Segment(
                row.getLong(1), row.getString(2), row.getLong(3), SegmentCodec.decode(row.getBytes(5), row.getInt(4)));
    }

    @Override
    public long lastSeq(String topic) {
        return db.number("SELECT last_seq FROM topic WHERE name = ?", topic);
    }

    @Override
    public long firstSeq(String topic) {
        return db.first(
                        "SELECT seq FROM journal WHERE topic_id = (SELECT id FROM topic WHERE name = ?)"
                                + " ORDER BY seq LIMIT 1",
                        row -> row.getLong(1),
                        topic)
                .orElseGet(() -> lastSeq(topic) + 1);
    }

    @Override
    public long lastPosition() {
        return end.last();
    }

    @Override
    public long firstPosition() {
        return db.first("SELECT position FROM journal ORDER BY position LIMIT 1", row -> row.getLong(1))
                .orElseGet(() -> lastPosition() + 1);
    }

    @Override
    public void forget(String topic, long uptoSeq) {
        db.update(
                "DELETE FROM journal WHERE topic_id = (SELECT id FROM topic WHERE name = ?) AND seq + count - 1 <= ?",
                topic,
                uptoSeq);
    }

    @Override
    public void drop(String topic) {
        drop(db, topic);
    }

    /** Drops a topic, over any connection that may write. */
    static void drop(Db db, String topic) {
        db.update("DELETE FROM journal WHERE topic_id = (SELECT id FROM topic WHERE name = ?)", topic);
        db.update("DELETE FROM topic WHERE name = ?", topic);
    }

    @Override
    public int expire(List<String> patterns, Instant before, int limit) {
        int gone = 0;
        for (String pattern : patterns) {
            String prefix = pattern.endsWith("*") ? pattern.substring(0, pattern.length() - 1) : pattern;
            String end = pattern.endsWith("*") ? prefix + Character.MAX_VALUE : prefix + '\0';
            gone += db.update(
                    "DELETE FROM journal WHERE position IN (SELECT j.position FROM journal j JOIN topic t"
                            + " ON t.id = j.topic_id WHERE t.name >= ? AND t.name < ? AND j.at < ?"
                            + " ORDER BY j.position LIMIT ?)",
                    prefix,
                    end,
                    before,
                    limit - gone);
        }
        return gone;
    }
}
