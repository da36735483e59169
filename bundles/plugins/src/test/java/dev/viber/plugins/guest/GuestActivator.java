package dev.viber.plugins.guest;

import dev.viber.api.tool.PluginHealth;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolInfo;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers a tool named after the bundle's version, or does what the header {@code Guest-Does} says. */
public final class GuestActivator implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        String does = String.valueOf(context.getBundle().getHeaders().get("Guest-Does"));
        if (does.equals("fail")) {
            throw new IllegalStateException("there is no database");
        }
        if (does.equals("nothing")) {
            return;
        }
        if (does.equals("sick")) {
            context.registerService(
                    PluginHealth.class,
                    () -> {
                        throw new IllegalStateException("the queue is full");
                    },
                    null);
        }
        String version = context.getBundle().getVersion().toString();
        context.registerService(
                Tool.class,
                new Tool() {
                    @Override
                    public ToolInfo info() {
                        return new ToolInfo("guest.v" + version.replace('.', '_'), "A guest.", "{}");
                    }

                    @Override
                    public Map<String, Object> call(Map<String, Object> arguments, ToolContext surroundings) {
                        return Map.of();
                    }
                },
                null);
    }

    @Override
    public void stop(BundleContext context) {}
}
