package dev.viber.store.sqlite;

/**
 * The position of the last event there ever was, kept apart from the rows so that positions go on when the last rows are
 * forgotten. The one writer counts in memory and writes it down once for each commit, however many segments that holds.
 */
final class JournalEnd {
    private final Db db;
    private final boolean counting;
    private long last;
    private long written;

    private JournalEnd(Db db, boolean counting) {
        this.db = db;
        this.counting = counting;
        if (counting) {
            reload();
        }
    }

    /** Of the one connection that appends. */
    static JournalEnd ofWriter(Db db) {
        return new JournalEnd(db, true);
    }

    /** Of a connection that only looks at what is committed. */
    static JournalEnd ofReader(Db db) {
        return new JournalEnd(db, false);
    }

    /** The position of the last event; 0 for none. */
    long last() {
        return counting ? last : stored();
    }

    /** Takes the next positions; the first of them. */
    long take(int count) {
        last += count;
        return last - count + 1;
    }

    /** A change was undone: this was the last position before it. */
    void back(long before) {
        last = before;
    }

    /** Writes it down where it moved; belongs into the transaction of what moved it. */
    void write() {
        if (last != written) {
            db.update(
                    "INSERT INTO value (key, value) VALUES ('journal.position', ?)"
                            + " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    Long.toString(last));
            written = last;
        }
    }

    /** The transaction did not come about: what is stored counts. */
    void reload() {
        written = -1;
        last = stored();
        written = last;
    }

    private long stored() {
        return db.first(
                        "SELECT value FROM value WHERE key = 'journal.position'",
                        row -> Long.parseLong(row.getString(1)))
                .orElse(0L);
    }
}
