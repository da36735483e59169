package dev.viber.gateway;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.PlaybookCheck;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The capability words a task asks of its viber: those of the tools its playbook calls. */
final class Needs {
    private static final int REMEMBERED = 4096;

    private final Gate<PlaybookCheck> playbooks;
    private final Map<String, Set<String>> remembered = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<String>> eldest) {
            return size() > REMEMBERED;
        }
    };

    Needs(Gate<PlaybookCheck> playbooks) {
        this.playbooks = playbooks;
    }

    /** Called on the store's writer thread, so it only computes: without a checker there, nothing is asked for. */
    synchronized Set<String> of(TaskRow row) {
        Set<String> known = remembered.get(row.id());
        if (known != null) {
            return known;
        }
        PlaybookCheck check = playbooks.peek().orElse(null);
        Map<String, Object> options = Infos.object(row.options());
        if (check == null || !(options.get("playbook") instanceof String playbook)) {
            return Set.of();
        }
        Set<String> words = check.tools(playbook, inputs(options)).stream()
                .map(tool -> tool.substring(0, tool.indexOf('.')))
                .collect(Collectors.toUnmodifiableSet());
        remembered.put(row.id(), words);
        return words;
    }

    /** The inputs among a task's options; whoever took the task in has seen that they are an object. */
    @SuppressWarnings("unchecked") // JSON objects have text keys
    static Map<String, Object> inputs(Map<String, Object> options) {
        return options.get("inputs") instanceof Map<?, ?> inputs ? (Map<String, Object>) inputs : Map.of();
    }
}
