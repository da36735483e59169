package dev.viber.store.sqlite;

import dev.viber.api.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Brings a database to the schema of this code: {@code db/V001.sql}, {@code db/V002.sql}... in order, each at once. */
final class Migrations {
    private Migrations() {}

    /** Migrates; the version reached is kept in {@code user_version}. */
    static void migrate(Db db) {
        long version = db.number("PRAGMA user_version");
        long newest = version;
        for (String sql = script(version + 1); sql != null; sql = script(newest + 1)) {
            newest++;
            db.execute("BEGIN IMMEDIATE");
            try {
                for (String statement : sql.split(";\\s*\\n", -1)) {
                    if (!statement.isBlank()) {
                        db.execute(statement);
                    }
                }
                db.execute("PRAGMA user_version=" + newest);
                db.execute("COMMIT");
            } catch (RuntimeException e) {
                db.execute("ROLLBACK");
                throw e;
            }
        }
        if (version > 0 && newest == version && script(version) == null) {
            throw new StoreException(
                    "the database has schema %d, which is newer than this program knows; use a newer program"
                            .formatted(version),
                    null);
        }
    }

    private static @Nullable String script(long version) {
        try (InputStream in = Migrations.class.getResourceAsStream("db/V%03d.sql".formatted(version))) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new StoreException("cannot read migration " + version, e);
        }
    }
}
