package dev.viber.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.store.sqlite.SqliteStore;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.felix.service.command.CommandProcessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the shell's own commands show of a real store. */
class ViberCommandsTest {
    @TempDir
    Path folder;

    private SqliteStore store;
    private final ViberCommands commands = new ViberCommands((CommandProcessor) Proxy.newProxyInstance(
            CommandProcessor.class.getClassLoader(), new Class<?>[] {CommandProcessor.class}, (_, _, _) -> null));

    @BeforeEach
    void open() throws Exception {
        Map<String, Object> values =
                Map.of("store", "gateway", "path", folder.resolve("state.db").toString());
        store = new SqliteStore((SqliteStore.Config) Proxy.newProxyInstance(
                SqliteStore.Config.class.getClassLoader(),
                new Class<?>[] {SqliteStore.Config.class},
                (_, method, _) -> values.getOrDefault(method.getName(), method.getDefaultValue())));
        commands.addStore(store, Map.of("store", "gateway"));
        store.write(tables -> {
                    tables.tasks()
                            .insert(new TaskRow(
                                    "t1",
                                    "a goal",
                                    "box",
                                    true,
                                    Phase.QUEUED,
                                    0,
                                    "{}",
                                    null,
                                    null,
                                    Instant.EPOCH,
                                    null,
                                    null,
                                    0,
                                    null,
                                    null,
                                    null));
                    tables.journal().append("task/t1", List.of(new JournalEvent("queued", 0, "{}")));
                    return tables.journal().append("viber/box", List.of(new JournalEvent("connected", 0, "{}")));
                })
                .getValue();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void tasksAndTheirEventsAreShown() {
        assertThat(commands.tasks()).contains("t1").contains("queued").contains("a goal");
        assertThat(commands.status()).contains("tasks queued");
        assertThat(commands.journal("task/t1")).contains("queued").doesNotContain("connected");
        assertThat(commands.journal("viber")).contains("connected").doesNotContain("queued");
        assertThat(commands.journal()).contains("connected").contains("queued");
        commands.removeStore(store);
        assertThat(commands.tasks().lines()).as("the head alone").hasSize(1);
    }
}
