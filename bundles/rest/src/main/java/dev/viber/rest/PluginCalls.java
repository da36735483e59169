package dev.viber.rest;

import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginDesk;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.Routes;
import dev.viber.api.task.TaskDesk.Page;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.util.promise.Promise;

/** What the routes about plugins do. */
final class PluginCalls {
    private final Desks desks;

    PluginCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.INSTALL_PLUGIN, this::install),
                new Binding<>(Routes.LIST_PLUGINS, this::list),
                new Binding<>(Routes.GET_PLUGIN, call -> Work.Answer.of(200, find(call.text("pluginId")))),
                new Binding<>(Routes.UPDATE_PLUGIN, this::update),
                new Binding<>(Routes.REMOVE_PLUGIN, this::remove),
                new Binding<>(Routes.PLUGIN_JAR, this::jar));
    }

    private Work.Answer<Page<Plugin>> list(Call<Void> call) {
        List<Plugin> all = desks.plugins.call(desk -> desk.list(call.optional("viber")));
        return Work.Answer.of(200, Pages.cut(all, Plugin::id, call));
    }

    private Plugin find(String id) {
        return desks.plugins.call(desk -> desk.find(id)).orElseThrow(() -> ProblemException.notFound("plugin", id));
    }

    private Work.Answer<Plugin> install(Call<InputStream> call) throws Exception {
        Promise<Plugin> offered = desks.plugins.callAsync(desk -> once(call, desk)
                .offer(call.optional("viber"), call.content(), call.optional("Viber-Signature"), mayDowngrade(call)));
        return settled(offered.getValue(), 201);
    }

    private Work.Answer<Plugin> update(Call<InputStream> call) throws Exception {
        Promise<Plugin> offered = desks.plugins.callAsync(desk -> once(call, desk)
                .update(call.text("pluginId"), call.content(), call.optional("Viber-Signature"), mayDowngrade(call)));
        return settled(offered.getValue(), 200);
    }

    /** The desk that does it once for the Idempotency-Key, where one is given. */
    private static PluginDesk once(Call<?> call, PluginDesk desk) {
        String key = call.idempotencyKey();
        return key == null ? desk : desk.once(key);
    }

    private static boolean mayDowngrade(Call<?> call) {
        return "true".equals(call.optional("downgrade"));
    }

    private Work.Answer<Plugin> settled(Plugin offered, int done) throws Exception {
        Promise<Plugin> settled = desks.plugins.callAsync(desk -> desk.settled(offered));
        Plugin plugin = settled.getValue();
        int status = plugin.state().equals(Phase.ACTIVE.word()) ? done : 202;
        return new Work.Answer<>(
                status,
                plugin,
                null,
                done == 201 ? Map.of("Location", Routes.BASE + "/plugins/" + plugin.id()) : Map.of());
    }

    private Work.Answer<Void> remove(Call<Void> call) throws Exception {
        Promise<Plugin> removing =
                desks.plugins.callAsync(desk -> once(call, desk).remove(call.text("pluginId")));
        Plugin asked = removing.getValue();
        Promise<Plugin> settled = desks.plugins.callAsync(desk -> desk.settled(asked));
        return Work.Answer.none(settled.getValue().state().equals(Phase.REMOVING.word()) ? 202 : 204);
    }

    private Work.Answer<InputStream> jar(Call<Void> call) {
        String digest = call.text("digest");
        String viberId = String.valueOf(call.principal().viberId());
        Path file = desks.plugins
                .call(desk -> desk.jar(viberId, digest))
                .orElseThrow(() ->
                        ProblemException.notFound("jar offered to viber " + viberId + " with the digest", digest));
        return Work.Answer.file(file);
    }
}
