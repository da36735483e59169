package dev.viber.shell;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskFilter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The shell's own commands, {@code viber:tasks} and others, beside the framework's: what the stores of this process hold. */
@Component(
        service = ViberCommands.class,
        property = {
            CommandProcessor.COMMAND_SCOPE + "=viber",
            CommandProcessor.COMMAND_FUNCTION + "=status",
            CommandProcessor.COMMAND_FUNCTION + "=tasks",
            CommandProcessor.COMMAND_FUNCTION + "=vibers",
            CommandProcessor.COMMAND_FUNCTION + "=plugins",
            CommandProcessor.COMMAND_FUNCTION + "=journal"
        })
public final class ViberCommands {
    private static final int MOST = 50;
    private static final int WIDEST = 100;
    private static final List<String> ANY = List.of("task/*", "viber/*", "plugin/*");

    private final Map<Store, String> stores = new ConcurrentHashMap<>();

    /** Made by Declarative Services once there is a command processor. */
    @Activate
    public ViberCommands(@Reference CommandProcessor processor) {
        // Gogo finds it as a service; without Gogo it is not there.
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addStore(Store found, Map<String, Object> properties) {
        stores.put(found, String.valueOf(properties.get(Store.ROLE)));
    }

    void removeStore(Store gone) {
        stores.remove(gone);
    }

    /** Facts of each store. */
    @Descriptor("how many tasks are in each phase, and the facts of each store")
    public String status() {
        List<List<String>> rows = new ArrayList<>();
        each((role, tables) -> tables.tasks()
                .counts()
                .forEach((phase, count) -> rows.add(List.of(role, "tasks " + phase.word(), Long.toString(count)))));
        stores.forEach((store, role) -> new TreeMap<>(store.facts())
                .forEach((name, value) -> rows.add(List.of(role, name, Long.toString(value)))));
        return table(List.of("STORE", "WHAT", "COUNT"), rows);
    }

    /** The newest tasks of each store. */
    @Descriptor("the newest tasks of each store")
    public String tasks() {
        List<List<String>> rows = new ArrayList<>();
        each((role, tables) -> tables.tasks()
                .list(new TaskFilter(null, null, null), MOST)
                .forEach(task -> rows.add(List.of(
                        role,
                        task.id(),
                        task.phase().word(),
                        Integer.toString(task.attempt()),
                        text(task.viberId()),
                        task.createdAt().toString(),
                        task.goal()))));
        return table(List.of("STORE", "ID", "PHASE", "ATTEMPT", "VIBER", "CREATED", "GOAL"), rows);
    }

    /** The vibers a gateway knows. */
    @Descriptor("the vibers that the gateway of this process knows")
    public String vibers() {
        List<List<String>> rows = new ArrayList<>();
        each((role, tables) -> tables.vibers()
                .list(null, MOST)
                .forEach(viber -> rows.add(List.of(
                        viber.id(),
                        viber.name(),
                        text(viber.connectedAt()),
                        text(viber.lastSeenAt()),
                        Integer.toString(tables.tasks().heldBy(viber.id()).size())))));
        return table(List.of("ID", "NAME", "CONNECTED", "SEEN", "TASKS"), rows);
    }

    /** Plugins, on either side. */
    @Descriptor("plugins: those of this viber, and those its gateway gave out")
    public String plugins() {
        List<List<String>> rows = new ArrayList<>();
        each((role, tables) -> tables.plugins()
                .list(null)
                .forEach(plugin ->
                        rows.add(List.of(role, plugin.id(), plugin.version(), plugin.state(), text(plugin.error())))));
        return table(List.of("STORE", "ID", "VERSION", "STATE", "ERROR"), rows);
    }

    /** The last events of every topic. */
    @Descriptor("the last events of the journal")
    public String journal() {
        return journal(ANY);
    }

    /** The last events of a topic, {@code task/t1}, or of all topics of a subject, {@code viber}. */
    @Descriptor("the last events of a topic, such as task/ID, or of a subject: task, viber or plugin")
    public String journal(@Descriptor("the topic or subject") String topic) {
        // A star would be taken by the shell for files.
        return journal(List.of(topic.contains("/") ? topic : topic + "/*"));
    }

    private String journal(List<String> topics) {
        List<List<String>> rows = new ArrayList<>();
        each((role, tables) -> {
            long last = tables.journal().lastPosition();
            for (Segment segment : tables.journal().readAll(topics, Math.max(0, last - 10L * MOST), 10 * MOST)) {
                long seq = segment.seq();
                for (JournalEvent event : segment.events()) {
                    rows.add(List.of(
                            role,
                            segment.topic(),
                            Long.toString(seq++),
                            Instant.ofEpochMilli(event.at()).toString(),
                            event.kind(),
                            event.data()));
                }
            }
        });
        return table(
                List.of("STORE", "TOPIC", "SEQ", "AT", "KIND", "DATA"),
                rows.subList(Math.max(0, rows.size() - MOST), rows.size()));
    }

    private void each(BiConsumer<String, Tables> look) {
        stores.forEach((store, role) -> store.read(tables -> {
            look.accept(role, tables);
            return role;
        }));
    }

    private static String text(@Nullable Object value) {
        return value == null ? "-" : value.toString();
    }

    private static String table(List<String> head, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>();
        all.add(head);
        all.addAll(rows);
        int[] widths = new int[head.size()];
        all.forEach(row -> Arrays.setAll(
                widths, i -> Math.max(widths[i], Math.min(WIDEST, row.get(i).length()))));
        StringBuilder out = new StringBuilder();
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String cell = row.get(i).replace('\n', ' ');
                String shown = cell.length() > WIDEST ? cell.substring(0, WIDEST - 1) + "…" : cell;
                line.append(shown).repeat(' ', widths[i] - shown.length() + 2);
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString().stripTrailing();
    }
}
