package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.task.Expressions;
import dev.viber.api.task.Planner;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.tool.TaskBound;
import dev.viber.api.tool.Tool;
import dev.viber.api.viber.AgentConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/** The plan engine of a viber: takes its orders from the viber's store and writes there all that comes of them. */
@Component(immediate = true, service = TaskRunner.class, configurationPid = Settings.PID)
@Designate(ocd = Settings.class)
public final class Agent implements TaskRunner {
    private static final int MAX_CAPACITY = 256;
    private static final Duration STORE_PATIENCE = Duration.ofSeconds(30);
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final Gate<Store> store = new Gate<>("store", STORE_PATIENCE);
    private final Gate<Expressions> expressions;
    private final Offers<Tool> tools;
    private final Offers<Planner> planners;
    private final String unknownOutcome;
    private final Map<String, Object> ownPolicy;
    private final Parts parts;
    private final Desk desk;
    private final int standardCapacity;

    /** An agent that works as soon as a store is bound. */
    @Activate
    public Agent(Settings settings) {
        Duration patience = Duration.ofMillis(settings.tool_patience_ms());
        standardCapacity = within("capacity", settings.capacity());
        expressions = new Gate<>("expressions", patience);
        tools = new Offers<>(patience);
        planners = new Offers<>(patience);
        unknownOutcome = settings.policy_unknown_outcome();
        ownPolicy = settings.policy().isBlank() ? Map.of() : Json.object(settings.policy());
        Path workspace = Path.of(settings.workspace()).toAbsolutePath().normalize();
        parts = new Parts(
                store,
                tools,
                planners,
                expressions,
                new Arguments(),
                new Slots(standardCapacity),
                new Traffic(),
                new Parts.Wishes(Policy.of(unknownOutcome, ownPolicy, Map.of())),
                new Spaces(
                        settings.spaces().isBlank()
                                ? workspace.resolve(".viber").resolve("spaces")
                                : Path.of(settings.spaces()),
                        settings.artifact_bytes()),
                new Bound(),
                within("steps.parallel", settings.steps_parallel()),
                Duration.ofMillis(settings.call_timeout_ms()),
                workspace);
        desk = new Desk(parts);
    }

    @Reference(
            target = "(store=viber)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
        desk.recover();
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindExpressions(Expressions found) {
        expressions.open(found);
    }

    void unbindExpressions(Expressions gone) {
        expressions.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addTool(Tool tool, Map<String, Object> properties) {
        tools.add(tool.info().name(), tool, properties);
    }

    void removeTool(Tool tool) {
        tools.remove(tool);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addBound(TaskBound bound) {
        parts.bound().add(bound);
        // Of what it keeps, something may be of tasks that ended while it was away.
        if (store.isOpen()) {
            desk.recover();
        }
    }

    void removeBound(TaskBound bound) {
        parts.bound().remove(bound);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addPlanner(Planner planner, Map<String, Object> properties) {
        planners.add(planner.getClass().getName(), planner, properties);
    }

    void removePlanner(Planner planner) {
        planners.remove(planner);
    }

    @Deactivate
    void leave() throws InterruptedException {
        drain(FAREWELL);
    }

    @Override
    public void wake(String taskId) {
        desk.wake(taskId);
    }

    @Override
    public Set<String> running() {
        return desk.running();
    }

    @Override
    public int busy() {
        return parts.slots().taken();
    }

    @Override
    public int capacity() {
        return parts.slots().capacity();
    }

    @Override
    public void configure(AgentConfig config) {
        Integer capacity = config.capacity();
        if (capacity != null) {
            within("capacity", capacity);
        }
        Policy policy = config.policy() == null ? null : Policy.of(unknownOutcome, ownPolicy, config.policy());
        Set<String> disabled = disabled(config.tools());
        parts.slots().capacity(capacity == null ? standardCapacity : capacity);
        parts.wishes().policy = policy == null ? parts.wishes().standard : policy;
        parts.wishes().disabledTools = disabled == null ? Set.of() : disabled;
    }

    private static @Nullable Set<String> disabled(@Nullable Map<String, Object> tools) {
        if (tools == null) {
            return null;
        }
        Set<String> disabled = new TreeSet<>();
        tools.forEach((name, wish) -> {
            Object enabled = wish instanceof Map<?, ?> members ? members.get("enabled") : null;
            if (!(wish instanceof Map<?, ?>) || (enabled != null && !(enabled instanceof Boolean))) {
                throw ProblemException.invalid(
                        "/tools/" + name, "tools.%s: wanted an object such as {\"enabled\":false}".formatted(name));
            }
            if (Boolean.FALSE.equals(enabled)) {
                disabled.add(name);
            }
        });
        return disabled;
    }

    private static int within(String what, int value) {
        if (value < 1 || value > MAX_CAPACITY) {
            throw ProblemException.invalid("/" + what, "%s %d: wanted 1 to %d".formatted(what, value, MAX_CAPACITY));
        }
        return value;
    }

    boolean isDraining() {
        return parts.traffic().isClosed();
    }

    @Override
    public void drain(Duration atMost) throws InterruptedException {
        desk.drain(atMost);
    }
}
