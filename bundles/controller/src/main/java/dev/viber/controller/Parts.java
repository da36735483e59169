package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.store.Store;
import dev.viber.api.task.TaskRunner;

/** What every connection of a viber works with. */
record Parts(
        Settings settings,
        Timing timing,
        Gate<Store> store,
        Gate<TaskRunner> runner,
        Gate<PluginHost> plugins,
        LiveConfig config,
        Presence presence) {

    /** What the viber holds for its gateway now; waits for a store. */
    Held held() {
        return store.call(s -> s.read(tables -> Held.of(tables, settings.viberId())));
    }

    /** Tells the runner that there is something new about a task; one that is not there looks by itself when it comes. */
    void wake(String taskId) {
        runner.ifOpen(r -> r.wake(taskId));
    }
}
