package dev.viber.agent;

import dev.viber.api.tool.TaskBound;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who keep something for tasks; one that fails keeps nobody from being told. */
final class Bound {
    private static final Logger LOG = LoggerFactory.getLogger(Bound.class);

    private final List<TaskBound> all = new CopyOnWriteArrayList<>();

    void add(TaskBound each) {
        all.add(each);
    }

    void remove(TaskBound each) {
        all.remove(each);
    }

    /** The tasks that something is kept for. */
    Set<String> tasks() {
        Set<String> out = new HashSet<>();
        for (TaskBound each : all) {
            try {
                out.addAll(each.tasks());
            } catch (RuntimeException e) {
                LOG.warn("{} does not say what it keeps", each.getClass().getName(), e);
            }
        }
        return out;
    }

    void ended(String taskId) {
        for (TaskBound each : all) {
            try {
                each.ended(taskId);
            } catch (RuntimeException e) {
                LOG.warn(
                        "{} does not give up what it keeps for task {}",
                        each.getClass().getName(),
                        taskId,
                        e);
            }
        }
    }
}
