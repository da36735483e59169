package dev.viber.agent;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be set about the agent. */
@ObjectClassDefinition(name = "Viber agent", description = "Runs plans.")
public @interface Settings {
    /** The configuration's name. */
    String PID = "dev.viber.agent";

    @AttributeDefinition(description = "Tasks at once, 1 to 256; waiting ones do not count.")
    int capacity() default 4;

    @AttributeDefinition(description = "Calls at once within one task, 1 to 256.")
    int steps_parallel() default 8;

    @AttributeDefinition(description = "How long one call may take where its step does not say, in milliseconds.")
    long call_timeout_ms() default 600_000;

    @AttributeDefinition(description = "How long a call waits for a tool that is being replaced, in milliseconds.")
    long tool_patience_ms() default 10_000;

    @AttributeDefinition(description = "The folder relative paths are taken from; empty for the working directory.")
    String workspace() default "";

    @AttributeDefinition(
            description = "The folder of the tasks' own folders; empty for .viber/spaces in the workspace.")
    String spaces() default "";

    @AttributeDefinition(
            description = "What a call cut off in mid-flight that may not be repeated leads to: ask, retry, fail.")
    String policy_unknown_outcome() default "ask";

    @AttributeDefinition(
            description =
                    "The viber's own policy, a JSON object: rules, defaults, approval, budget; see docs/policy.md.")
    String policy() default "";

    @AttributeDefinition(description = "The most bytes of one artifact.")
    long artifact_bytes() default 8L << 30;
}
