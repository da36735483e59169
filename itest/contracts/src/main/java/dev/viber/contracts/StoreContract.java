package dev.viber.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.TokenRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Promise;

/** What every store must do; a store's test extends this and says how to open one. */
public abstract class StoreContract {
    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);

    /** Where the store under test lies. */
    @TempDir
    protected Path folder = Path.of("");

    private @Nullable Store opened;

    /** Opens the store in a folder, made by an earlier open or empty. */
    protected abstract Store open(Path folder);

    /** Stops a store as its bundle's stop does. */
    protected abstract void close(Store store);

    @BeforeEach
    void openStore() {
        opened = open(folder);
    }

    @AfterEach
    void closeStore() {
        close(store());
    }

    /** The store under test. */
    protected Store store() {
        Store store = opened;
        if (store == null) {
            throw new IllegalStateException("opened before each test");
        }
        return store;
    }

    private void reopen() {
        close(store());
        opened = open(folder);
    }

    /** A change made durable. */
    protected <T extends @Nullable Object> T write(Store.Change<T> change) throws Exception {
        return store().write(change).getValue();
    }

    /** Looks at what is committed. */
    protected void look(Consumer<Tables> look) {
        store().<Boolean>read(tables -> {
            look.accept(tables);
            return true;
        });
    }

    /** An event of this number. */
    protected static JournalEvent event(int n) {
        return new JournalEvent("progress", NOW.toEpochMilli() + n, "{\"n\":%d,\"text\":\"ü→\"}".formatted(n));
    }

    private static List<JournalEvent> events(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(StoreContract::event).toList();
    }

    private static List<JournalEvent> flat(List<Segment> segments) {
        return segments.stream().flatMap(segment -> segment.events().stream()).toList();
    }

    /** A task row. */
    protected static TaskRow task(String id, Phase phase, @Nullable String viberId, int minute) {
        return new TaskRow(
                id,
                "goal of " + id,
                viberId,
                viberId != null,
                phase,
                0,
                "{}",
                null,
                null,
                NOW.plusSeconds(60L * minute),
                null,
                phase.isEnded() ? NOW.plusSeconds(60L * minute + 30) : null,
                0,
                null,
                null,
                null);
    }

    @Test
    void aChangeIsWholeOrNotAtAll() throws Exception {
        Promise<Object> failing = store().write(tables -> {
            tables.tasks().insert(task("t1", Phase.QUEUED, null, 0));
            tables.journal().append("task/t1", events(1, 3));
            throw new IllegalArgumentException("thought better of it");
        });
        Promise<Long> next = store().write(tables -> tables.journal().append("task/t2", events(1, 1)));

        assertThat(failing.getFailure()).isInstanceOf(IllegalArgumentException.class);
        assertThat(next.getValue()).isEqualTo(1);
        look(tables -> {
            assertThat(tables.tasks().find("t1")).isEmpty();
            assertThat(tables.journal().lastSeq("task/t1")).isZero();
            assertThat(tables.journal().lastPosition()).isEqualTo(1);
        });
    }

    @Test
    void changesApplyInTheirOrderAndSeeThoseBefore() throws Exception {
        List<Promise<Long>> promises = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            int n = i;
            promises.add(store().write(tables -> tables.journal().append("task/t", List.of(event(n)))));
        }
        for (int i = 0; i < promises.size(); i++) {
            assertThat(promises.get(i).getValue()).isEqualTo(i + 1);
        }
        assertThat(flat(store().read(tables -> tables.journal().read("task/t", 0, 1000))))
                .isEqualTo(events(1, 200));
    }

    @Test
    void whatIsNotCommittedIsSeenByNobodyAndHoldsNobodyUp() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Promise<Long> slow = store().write(tables -> {
            long seq = tables.journal().append("task/t", events(1, 1));
            inside.countDown();
            go.await();
            return seq;
        });
        inside.await();
        assertThat(store().<List<Segment>>read(tables -> tables.journal().read("task/t", 0, 10)))
                .isEmpty();
        assertThat(slow.isDone()).isFalse();
        go.countDown();
        slow.getValue();
        assertThat(store().<List<Segment>>read(tables -> tables.journal().read("task/t", 0, 10)))
                .hasSize(1);
    }

    @Test
    void listenersHearWhatIsDurableInOrderAndBeforeThePromises() throws Exception {
        List<Segment> heard = Collections.synchronizedList(new ArrayList<>());
        try (Store.Registration _ = store().listen(heard::addAll)) {
            for (int i = 0; i < 50; i++) {
                int n = i;
                write(tables -> tables.journal().append("task/" + n % 3, events(n, n + 1)));
                assertThat(heard).hasSize(n + 1);
            }
        }
        write(tables -> tables.journal().append("task/x", events(1, 1)));
        assertThat(heard).hasSize(50);
        assertThat(heard).isEqualTo(store().read(tables -> tables.journal().readAll(List.of("*"), 0, 100)));
        assertThat(heard.getLast().lastPosition()).isEqualTo(100);
    }

    @Test
    void aFailedChangeIsNotHeard() throws Exception {
        List<Segment> heard = Collections.synchronizedList(new ArrayList<>());
        try (Store.Registration _ = store().listen(heard::addAll)) {
            store().write(tables -> {
                        tables.journal().append("task/gone", events(1, 2));
                        throw new IllegalStateException("no");
                    })
                    .getFailure();
            write(tables -> tables.journal().append("task/kept", events(1, 2)));
        }
        assertThat(heard)
                .extracting(Segment::topic, Segment::position)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("task/kept", 1L));
    }

    @Test
    void numbersGoOnOverForgettingAndReopening() throws Exception {
        write(tables -> tables.journal().append("task/t", events(1, 5)));
        write(tables -> tables.journal().append("task/t", events(6, 8)));
        write(tables -> {
            tables.journal().forget("task/t", 6);
            return tables.journal().firstSeq("task/t");
        });
        assertThat(store().<Long>read(tables -> tables.journal().firstSeq("task/t")))
                .as("whole segments alone are forgotten")
                .isEqualTo(6);
        write(tables -> {
            tables.journal().forget("task/t", 8);
            return true;
        });
        reopen();
        assertThat(this.<Long>write(tables -> tables.journal().append("task/t", events(9, 9))))
                .isEqualTo(9);
        look(tables -> {
            assertThat(tables.journal().lastPosition()).isEqualTo(9);
            assertThat(tables.journal().firstPosition()).isEqualTo(9);
            assertThat(flat(tables.journal().read("task/t", 0, 10))).isEqualTo(events(9, 9));
        });
        write(tables -> {
            tables.journal().drop("task/t");
            return tables.journal().append("task/t", events(1, 1));
        });
        assertThat(store().<Long>read(tables -> tables.journal().lastSeq("task/t")))
                .isEqualTo(1);
    }

    @Test
    void segmentsAreCutToWhatWasAskedFor() throws Exception {
        write(tables -> tables.journal().append("task/t", events(1, 10)));
        write(tables -> tables.journal().append("viber/v", events(1, 2)));
        write(tables -> tables.journal().append("task/u", events(1, 4)));
        look(tables -> {
            assertThat(flat(tables.journal().read("task/t", 3, 4))).isEqualTo(events(4, 7));
            assertThat(tables.journal().read("task/t", 3, 4).getFirst().position())
                    .isEqualTo(4);
            assertThat(tables.journal().read("task/t", 10, 4)).isEmpty();
            assertThat(tables.journal().read("task/t", 11, 4))
                    .as("beyond the end")
                    .isEmpty();
            assertThat(tables.journal().read("task/t", Long.MAX_VALUE - 1, 4)).isEmpty();
            List<Segment> all = tables.journal().readAll(List.of("task/*"), 8, 5);
            assertThat(all).extracting(Segment::topic).containsExactly("task/t", "task/u");
            assertThat(all).extracting(Segment::position).containsExactly(9L, 13L);
            assertThat(all).extracting(Segment::seq).containsExactly(9L, 1L);
            assertThat(flat(all)).hasSize(5);
            assertThat(flat(tables.journal().readAll(List.of("viber/v", "task/u"), 0, 100)))
                    .hasSize(6);
            assertThat(tables.journal().readAll(List.of("task/*"), 16, 5)).isEmpty();
        });
    }

    @Test
    void aQuestionCannotWrite() {
        assertThatThrownBy(() -> store().read(tables -> tables.journal().append("task/t", events(1, 1))))
                .isInstanceOf(StoreException.class);
    }

    @Test
    void tasksAreFoundByWhatTheyAre() throws Exception {
        write(tables -> {
            tables.tasks().insert(task("a", Phase.QUEUED, null, 1));
            tables.tasks().insert(task("b", Phase.QUEUED, "v1", 2));
            tables.tasks().insert(task("c", Phase.QUEUED, "v2", 3));
            tables.tasks().insert(task("d", Phase.RUNNING, "v1", 4));
            tables.tasks().insert(task("e", Phase.COMPLETED, "v1", 5));
            return true;
        });
        look(tables -> {
            Tables.Tasks tasks = tables.tasks();
            assertThat(tasks.queuedFor("v1", 10)).extracting(TaskRow::id).containsExactly("a", "b");
            assertThat(tasks.heldBy("v1")).extracting(TaskRow::id).containsExactly("d");
            assertThat(tasks.open(10)).extracting(TaskRow::id).containsExactly("a", "b", "c", "d");
            List<TaskRow> first = tasks.list(new TaskFilter(null, null, null), 2);
            assertThat(first).extracting(TaskRow::id).containsExactly("e", "d");
            assertThat(tasks.list(new TaskFilter(null, null, tasks.cursor(first.getLast())), 10))
                    .extracting(TaskRow::id)
                    .containsExactly("c", "b", "a");
            for (String wrong : List.of("bogus", "", ".x")) {
                assertThatThrownBy(() -> tasks.list(new TaskFilter(null, null, wrong), 10))
                        .isInstanceOfSatisfying(
                                ProblemException.class,
                                e -> assertThat(e.extensions()).containsEntry("parameter", "cursor"));
            }
            assertThat(tasks.list(new TaskFilter(EnumSet.of(Phase.QUEUED), "v1", null), 10))
                    .extracting(TaskRow::id)
                    .containsExactly("b");
            assertThat(tasks.counts()).containsEntry(Phase.QUEUED, 3L).containsEntry(Phase.RUNNING, 1L);
            assertThat(tasks.find("d")).contains(task("d", Phase.RUNNING, "v1", 4));
        });
        assertThat(store().write(tables -> {
                            tables.tasks().insert(task("a", Phase.QUEUED, null, 9));
                            return true;
                        })
                        .getFailure())
                .isInstanceOf(StoreException.class);
    }

    @Test
    void leasesAndDeadlinesComeDueInTime() throws Exception {
        TaskRow held = task("held", Phase.RUNNING, "v", 0);
        TaskRow leased = new TaskRow(
                "leased",
                "g",
                "v",
                true,
                Phase.RUNNING,
                1,
                "{}",
                null,
                null,
                NOW,
                NOW,
                null,
                7,
                NOW.plusSeconds(10),
                NOW.plusSeconds(100),
                "key-1",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        write(tables -> {
            tables.tasks().insert(held);
            tables.tasks().insert(leased);
            return true;
        });
        look(tables -> {
            assertThat(tables.tasks().nextDue()).isEqualTo(NOW.plusSeconds(10));
            assertThat(tables.tasks().overdue(NOW.plusSeconds(9), 10)).isEmpty();
            assertThat(tables.tasks().overdue(NOW.plusSeconds(10), 10)).containsExactly(leased);
            assertThat(tables.tasks().findByKey("key-1")).contains(leased);
        });
        write(tables -> {
            tables.tasks().peerSeq("leased", 8);
            return true;
        });
        assertThat(store().read(tables -> tables.tasks().find("leased"))
                        .orElseThrow()
                        .peerSeq())
                .isEqualTo(8);
    }

    @Test
    void endedTasksArePurgedWithAllThatHangsOnThem() throws Exception {
        write(tables -> {
            tables.tasks().insert(task("old", Phase.COMPLETED, "v", 0));
            tables.tasks().insert(task("young", Phase.COMPLETED, "v", 100));
            tables.tasks().insert(task("open", Phase.RUNNING, "v", 0));
            tables.journal().append("task/old", events(1, 5));
            tables.values().put("task/old/once/k", "1");
            tables.values().put("task/older/once/k", "1");
            tables.artifacts().put(new Tables.ArtifactRow("old", "a.txt", "text/plain", 1, "00", "file", NOW));
            tables.approvals().put(new Tables.ApprovalRow("q", "old", null, "{}", "why", "open", null, NOW, null));
            return true;
        });
        assertThat(this.<Integer>write(tables -> tables.tasks().purge(NOW.plusSeconds(3600), 10)))
                .isEqualTo(1);
        look(tables -> {
            assertThat(tables.tasks().find("old")).isEmpty();
            assertThat(tables.tasks().find("young")).isPresent();
            assertThat(tables.journal().read("task/old", 0, 10)).isEmpty();
            assertThat(tables.artifacts().list("old")).isEmpty();
            assertThat(tables.approvals().find("q")).isEmpty();
            assertThat(tables.values().list("task/")).containsOnlyKeys("task/older/once/k");
        });
    }

    @Test
    void commandsCountOnPerViber() throws Exception {
        write(tables -> {
            assertThat(tables.commands().add("v1", "t1", "{\"a\":1}")).isEqualTo(1);
            assertThat(tables.commands().add("v1", null, "{}")).isEqualTo(2);
            assertThat(tables.commands().add("v2", "t2", "{}")).isEqualTo(1);
            tables.commands().remove("v1", 2);
            assertThat(tables.commands().add("v1", "t1", "{}")).isEqualTo(3);
            tables.commands().removeOfTask("t2");
            return true;
        });
        look(tables -> {
            assertThat(tables.commands().pending("v1"))
                    .extracting(Tables.CommandRow::cmd)
                    .containsExactly(1L, 3L);
            assertThat(tables.commands().pending("v2")).isEmpty();
        });
    }

    @Test
    void deviceGrantsAreFoundByEitherCodeAndPurged() throws Exception {
        Tables.DeviceGrantRow grant = new Tables.DeviceGrantRow(
                "d1", "u1", "viber", "v", "name", "[]", "192.0.2.1", "pending", NOW, NOW.plusSeconds(60));
        Tables.DeviceGrantRow other = new Tables.DeviceGrantRow(
                "d2", "u2", "viber", "w", "name", "[]", "192.0.2.2", "denied", NOW, NOW.plusSeconds(90));
        write(tables -> {
            tables.deviceGrants().put(grant);
            tables.deviceGrants().put(other);
            return true;
        });
        reopen();
        assertThat(store().<Object>read(tables -> List.of(
                        tables.deviceGrants().find("d1").orElseThrow(),
                        tables.deviceGrants().findByUserCode("u2").orElseThrow(),
                        tables.deviceGrants().count(null),
                        tables.deviceGrants().count("192.0.2.1"))))
                .isEqualTo(List.of(grant, other, 2L, 1L));
        write(tables -> {
            tables.deviceGrants().purge(NOW.plusSeconds(61));
            tables.deviceGrants().delete("d3");
            return true;
        });
        assertThat(store().<Long>read(tables -> tables.deviceGrants().count(null)))
                .isEqualTo(1);
    }

    @Test
    void tokensVibersQuestionsAndValuesAreKept() throws Exception {
        TokenRow token = new TokenRow(
                "id", Role.VIBER, "v", null, "hash", NOW, NOW.plusSeconds(1), null, "old", NOW.plusSeconds(2));
        Tables.ViberRow viber = new Tables.ViberRow("v", "name", "{}", "{}", NOW, null, NOW);
        Tables.ApprovalRow open = new Tables.ApprovalRow("q1", "t", "file.write", "{}", "r", "open", null, NOW, null);
        write(tables -> {
            tables.tokens().put(token);
            tables.vibers().put(viber);
            tables.vibers().put(new Tables.ViberRow("w", "name", "{}", "{}", NOW, null, null));
            tables.approvals().put(open);
            tables.values().put("message/t/1", "one");
            tables.values().put("message/t/2", "two");
            tables.values().put("message0", "other");
            return true;
        });
        reopen();
        write(tables -> {
            tables.approvals().voidOfTask("t", NOW);
            tables.vibers().delete("w");
            return true;
        });
        look(tables -> {
            assertThat(tables.tokens().find("id")).contains(token);
            assertThat(tables.tokens().list("v")).containsExactly(token);
            assertThat(tables.vibers().list(null, 10)).containsExactly(viber);
            assertThat(tables.approvals().list("t", 10))
                    .extracting(Tables.ApprovalRow::state)
                    .containsExactly("void");
            assertThat(tables.values().list("message/t/")).hasSize(2).containsEntry("message/t/2", "two");
        });
    }

    @Test
    void aStopFinishesWhatWasTakenIn() throws Exception {
        List<Promise<Long>> promises = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                int n = i;
                promises.add(store().write(tables -> tables.journal().append("task/" + n, events(1, 2))));
            }
            var closing = threads.submit(() -> close(store()));
            closing.get();
        }
        for (Promise<Long> promise : promises) {
            assertThat(promise.getValue()).isEqualTo(1);
        }
        assertThat(store().write(tables -> 1L).getFailure()).isInstanceOf(StoreException.class);
        close(store());
        opened = open(folder);
        assertThat(store().<Long>read(tables -> tables.journal().lastPosition()))
                .isEqualTo(1000);
    }
}
