package dev.viber.api.task;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/** Checks a playbook as far as that can be done without the viber that will run it. */
@ProviderType
public interface PlaybookCheck {
    /**
     * Something wrong in a playbook.
     *
     * @param line from 1; 0 where no place can be named
     * @param column from 1; 0 where no place can be named
     * @param pointer the JSON pointer of the place, {@code /steps/0/tool}; empty for the whole
     * @param message what was wrong and what was wanted
     */
    record Finding(int line, int column, String pointer, String message) {}

    /**
     * Everything that is wrong with the YAML, its schema, ids, references, cycles, expressions and inputs; empty where
     * the playbook is sound. Whether its tools are installed is not looked at.
     */
    List<Finding> check(String playbook, Map<String, Object> inputs);

    /** The names of the tools a playbook calls, built-in steps left out; empty where it is not sound. */
    Set<String> tools(String playbook, Map<String, Object> inputs);
}
