package dev.viber.rest;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Tokens;
import dev.viber.api.browser.BrowserDesk;
import dev.viber.api.browser.PoolDesk;
import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.PluginDesk;
import dev.viber.api.store.Store;
import dev.viber.api.task.ArtifactDesk;
import dev.viber.api.task.TaskDesk;
import dev.viber.api.viber.ViberDesk;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.workload.WorkloadDesk;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The services that do the work, each behind its gate, so that any of them may be swapped under load. */
@Component(service = Desks.class)
public final class Desks {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    final Gate<TaskDesk> tasks = new Gate<>("task desk", PATIENCE);
    final Gate<ArtifactDesk> artifacts = new Gate<>("artifact desk", PATIENCE);
    final Gate<ViberDesk> vibers = new Gate<>("viber desk", PATIENCE);
    final Gate<PluginDesk> plugins = new Gate<>("plugin desk", PATIENCE);
    final Gate<VmDesk> vms = new Gate<>("supervisor of VMs", PATIENCE);
    final Gate<PoolDesk> pools = new Gate<>("keeper of pools", PATIENCE);
    final Gate<WorkloadDesk> workloads = new Gate<>("keeper of workloads", PATIENCE);
    final Gate<BrowserDesk> browsers = new Gate<>("keeper of pools", PATIENCE);
    final Gate<SnapshotDesk> snapshots = new Gate<>("supervisor of VMs", PATIENCE);
    final Gate<Tokens> tokens = new Gate<>("token desk", PATIENCE);
    final Gate<Audit> audit = new Gate<>("audit log", PATIENCE);
    final Gate<EventBus> events = new Gate<>("event bus", PATIENCE);
    final Gate<Store> store = new Gate<>("store", PATIENCE);
    private final LongAdder lagged = new LongAdder();
    private final Set<Follower> followers = ConcurrentHashMap.newKeySet();

    /** Follows the journal; the follower moves over to the next bus when this one leaves, until it is closed. */
    Follower follow(Follower.Opening opening, long after) {
        Follower follower = new Follower(events, opening, after, followers::remove, lagged::increment);
        followers.add(follower);
        return follower;
    }

    /** How many follow now. */
    int readers() {
        return followers.size();
    }

    /** How often one that followed was so slow that events were forgotten before it read them. */
    long lagged() {
        return lagged.sum();
    }

    /** The position of the last event there is; {@link EventBus#END} while there is no store to ask. */
    long lastPosition() {
        return store.isOpen()
                ? store.call(present -> present.read(tables -> tables.journal().lastPosition()))
                : EventBus.END;
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindTasks(TaskDesk found) {
        tasks.open(found);
    }

    void unbindTasks(TaskDesk gone) {
        tasks.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindArtifacts(ArtifactDesk found) {
        artifacts.open(found);
    }

    void unbindArtifacts(ArtifactDesk gone) {
        artifacts.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindVibers(ViberDesk found) {
        vibers.open(found);
    }

    void unbindVibers(ViberDesk gone) {
        vibers.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPlugins(PluginDesk found) {
        plugins.open(found);
    }

    void unbindPlugins(PluginDesk gone) {
        plugins.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindVms(VmDesk found) {
        vms.open(found);
    }

    void unbindVms(VmDesk gone) {
        vms.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindSnapshots(SnapshotDesk found) {
        snapshots.open(found);
    }

    void unbindSnapshots(SnapshotDesk gone) {
        snapshots.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPools(PoolDesk found) {
        pools.open(found);
    }

    void unbindPools(PoolDesk gone) {
        pools.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindWorkloads(WorkloadDesk found) {
        workloads.open(found);
    }

    void unbindWorkloads(WorkloadDesk gone) {
        workloads.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindBrowsers(BrowserDesk found) {
        browsers.open(found);
    }

    void unbindBrowsers(BrowserDesk gone) {
        browsers.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindTokens(Tokens found) {
        tokens.open(found);
    }

    void unbindTokens(Tokens gone) {
        tokens.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAudit(Audit found) {
        audit.open(found);
    }

    void unbindAudit(Audit gone) {
        audit.close(gone);
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(EventBus found) {
        events.open(found);
    }

    void unbindEvents(EventBus gone) {
        events.close(gone);
        followers.forEach(Follower::renew);
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }
}
