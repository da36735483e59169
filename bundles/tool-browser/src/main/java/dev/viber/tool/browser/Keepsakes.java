package dev.viber.tool.browser;

import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the browsers of tasks have become, and what was kept by name, in a vault. */
final class Keepsakes {
    private static final String OF_TASKS = "tasks";
    private static final String BY_NAME = "named";
    /** The kinds that tasks were given browsers of before the one they have now. */
    private static final String KINDS_BEFORE = "kinds";

    private final Vault vault;

    Keepsakes(Vault vault) {
        this.vault = vault;
    }

    /** The tasks that have one. */
    Collection<String> tasks() throws IOException {
        return vault.names(OF_TASKS);
    }

    /** What the task's browser had become; null where it has none. */
    @Nullable
    Keepsake last(String taskId) throws IOException {
        String text = vault.get(OF_TASKS, taskId);
        return text == null ? null : Keepsake.read(text);
    }

    void store(String taskId, Keepsake keepsake) throws IOException {
        vault.put(OF_TASKS, taskId, keepsake.write());
    }

    /** Before a kind is asked: whoever is killed while it waits has to know where to give back what came of it. */
    void asks(String taskId, @Nullable Keepsake last, String kind) throws IOException {
        if (last == null) {
            store(taskId, Keepsake.nothing(kind));
            return;
        }
        String before = last.kind();
        if (before != null && !before.equals(kind)) {
            // Who has none to give now may have one of this task yet, as a server that is away.
            Set<String> kinds = kindsBefore(taskId);
            kinds.add(before);
            vault.put(KINDS_BEFORE, taskId, String.join(" ", kinds));
        }
        store(taskId, last.of(kind, last.since(), last.chrome()));
    }

    /** Those that may have a browser of the task beside the one it has now. */
    Set<String> kindsBefore(String taskId) throws IOException {
        String text = vault.get(KINDS_BEFORE, taskId);
        return text == null ? new LinkedHashSet<>() : new LinkedHashSet<>(List.of(text.split(" ", -1)));
    }

    void forget(String taskId) throws IOException {
        vault.remove(KINDS_BEFORE, taskId);
        vault.remove(OF_TASKS, taskId);
    }

    /** Keeps what a browser has become under a name. */
    void save(String name, Keepsake keepsake) throws IOException {
        vault.put(BY_NAME, name, keepsake.of(null, null, "").write());
    }

    /**
     * What was kept under a name.
     *
     * @throws ToolException where there is nothing of that name
     */
    Keepsake saved(String name) throws IOException, ToolException {
        String text = vault.get(BY_NAME, name);
        if (text == null) {
            throw new ToolException("there is no profile '%s'; there are %s".formatted(name, vault.names(BY_NAME)));
        }
        return Keepsake.read(text);
    }
}
