package dev.viber.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.contracts.StoreContract;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Promise;

class SqliteStoreTest extends StoreContract {
    @Override
    protected Store open(Path folder) {
        return new SqliteStore("test", folder.resolve("state/test.db"), 2);
    }

    @Override
    protected void close(Store store) {
        ((SqliteStore) store).close();
    }

    @Test
    void onlyTheOwnerCanReadIt() throws Exception {
        write(tables -> tables.journal().append("task/t", List.of(event(1))));
        for (String file : List.of("test.db", "test.db-wal", "test.db-shm")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                            folder.resolve("state").resolve(file))))
                    .as(file)
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("state"))))
                .isEqualTo("rwx------");
    }

    @Test
    void aNewerDatabaseIsRefused() {
        close(store());
        try (Db db = Db.open(folder.resolve("state/test.db"), false)) {
            db.execute("PRAGMA user_version=999");
        }
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(StoreException.class)
                .hasMessage("the database has schema 999, which is newer than this program knows; use a newer program");
    }

    @Test
    void changesThatWaitTogetherShareOneCommit() throws Exception {
        List<Promise<Long>> promises = new ArrayList<>();
        long commits = fact("commits");
        for (int i = 0; i < 2000; i++) {
            promises.add(store().write(tables -> tables.journal().append("task/t", List.of(event(1)))));
        }
        for (Promise<Long> promise : promises) {
            promise.getValue();
        }
        assertThat(fact("changes")).isGreaterThanOrEqualTo(2000);
        assertThat(fact("commits") - commits).isLessThan(1000);
    }

    @Test
    void theLogStaysBoundedWhileReadersComeAndGo() throws Exception {
        String padding = "{\"p\":\"" + "x".repeat(100_000) + "\"}";
        for (int i = 0; i < 1200; i++) {
            write(tables -> tables.journal()
                    .append("task/t", List.of(new dev.viber.api.store.JournalEvent("progress", 1, padding))));
            store().<Long>read(tables -> tables.journal().lastPosition());
        }
        assertThat(fact("bytes")).isGreaterThan(64L * 1024 * 1024);
        assertThat(fact("wal.bytes")).isLessThan(96L * 1024 * 1024);
    }

    @Test
    void whatWasAckedIsThereAfterKill9() throws Exception {
        Path database = folder.resolve("killed/test.db");
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AckingWriter.class.getName(),
                        database.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long acked = 0;
        try (BufferedReader out = child.inputReader()) {
            while (acked < 300) {
                acked = Long.parseLong(out.readLine());
            }
            child.toHandle().destroyForcibly();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                acked = line.isBlank() ? acked : Long.parseLong(line);
            }
        }
        child.waitFor();
        SqliteStore survivor = new SqliteStore("survivor", database, 1);
        try {
            assertThat(survivor.<Long>read(tables -> tables.journal().lastSeq("task/t")))
                    .isGreaterThanOrEqualTo(acked);
            assertThat(survivor.read(tables -> tables.journal().read("task/t", 0, 100_000)).stream()
                            .mapToInt(segment -> segment.events().size())
                            .sum())
                    .isGreaterThanOrEqualTo((int) acked);
        } finally {
            survivor.close();
        }
    }

    private long fact(String name) {
        return java.util.Objects.requireNonNull(store().facts().get(name));
    }

    /** Appends for ever and prints each seq once it is durable. */
    static final class AckingWriter {
        public static void main(String[] arguments) throws Exception {
            try (SqliteStore store = new SqliteStore("child", Path.of(arguments[0]), 1)) {
                while (true) {
                    System.out.println(store.write(tables -> tables.journal().append("task/t", List.of(event(1))))
                            .getValue());
                }
            }
        }
    }
}
