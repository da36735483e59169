package dev.viber.shell;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.Store;
import dev.viber.api.task.PlaybookCheck;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.tool.Tool;
import dev.viber.api.viber.ViberSession;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Opens the local socket and knows whatever of this process it can tell of; each of its parts may be missing. */
@Component(
        service = LocalFace.class,
        immediate = true,
        configurationPid = "dev.viber.shell",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = LocalFace.Config.class)
public final class LocalFace implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Where the socket is. */
    @ObjectClassDefinition(name = "Viber local socket")
    public @interface Config {
        /** The socket's file, at most 107 bytes long; its folder becomes the owner's alone. */
        String socket();
    }

    private final Gate<Store> store = new Gate<>("store", PATIENCE);
    private final Gate<EventBus> events = new Gate<>("event bus", PATIENCE);
    private final Gate<TaskRunner> runner = new Gate<>("agent", PATIENCE);
    private final Gate<PlaybookCheck> check = new Gate<>("playbook check", PATIENCE);
    private final Gate<PluginHost> plugins = new Gate<>("plugin host", PATIENCE);
    private final Gate<Lines> lines = new Gate<>("shell", PATIENCE);
    private final LocalStatus status = new LocalStatus(runner);
    private final UnixListener listener;

    /**
     * Opens the socket.
     *
     * @throws IOException where it cannot be made, or another process answers on it
     */
    @Activate
    public LocalFace(Config config) throws IOException {
        String socket = config.socket();
        if (socket == null || socket.isBlank()) {
            throw new IllegalArgumentException("dev.viber.shell: 'socket' names no file");
        }
        LocalTasks tasks = new LocalTasks(store, events, runner, check);
        LocalPlugins local = new LocalPlugins(plugins);
        LocalAnswers answers = new LocalAnswers(store, runner);
        listener = new UnixListener(
                Path.of(socket),
                connection -> new Conversation(connection, status::facts, tasks, local, answers, lines).hold());
    }

    @Reference(
            target = "(store=viber)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(
            target = "(store=viber)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(EventBus found) {
        events.open(found);
    }

    void unbindEvents(EventBus gone) {
        events.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindRunner(TaskRunner found) {
        runner.open(found);
    }

    void unbindRunner(TaskRunner gone) {
        runner.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindCheck(PlaybookCheck found) {
        check.open(found);
    }

    void unbindCheck(PlaybookCheck gone) {
        check.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPlugins(PluginHost found) {
        plugins.open(found);
    }

    void unbindPlugins(PluginHost gone) {
        plugins.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindLines(Lines found) {
        lines.open(found);
    }

    void unbindLines(Lines gone) {
        lines.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindSession(ViberSession found) {
        status.sessions.add(found);
    }

    void unbindSession(ViberSession gone) {
        status.sessions.remove(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addTool(Tool tool) {
        status.tools.put(tool, tool.info().name());
    }

    void removeTool(Tool tool) {
        status.tools.remove(tool);
    }

    @Reference(
            name = "stores",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addStore(Store found, Map<String, Object> properties) {
        status.stores.put(found, String.valueOf(properties.get(Store.ROLE)));
    }

    void removeStore(Store gone) {
        status.stores.remove(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addReady(Ready part) {
        status.parts.put(part.part(), part);
    }

    void removeReady(Ready part) {
        status.parts.remove(part.part(), part);
    }

    /** Closes the socket and takes its file away. */
    @Deactivate
    @Override
    public void close() {
        listener.close();
    }
}
