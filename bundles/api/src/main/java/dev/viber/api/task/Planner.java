package dev.viber.api.task;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Makes a plan for a goal; registered as a service, the highest-ranked one that can is asked. */
@ConsumerType
public interface Planner {
    /** Whether this planner can make a plan from these options (the shape of {@link TaskOptions}). */
    boolean canPlan(String goal, Map<String, Object> options);

    /**
     * Makes the plan.
     *
     * @throws dev.viber.api.problem.ProblemException where the options are wrong, saying where
     */
    Plan plan(String goal, Map<String, Object> options);
}
