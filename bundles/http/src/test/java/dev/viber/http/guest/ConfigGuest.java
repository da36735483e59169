package dev.viber.http.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Consumer;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;

/** Lets the test configure the listener. */
public final class ConfigGuest implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        ConfigurationAdmin admin = context.getService(context.getServiceReference(ConfigurationAdmin.class));
        Consumer<Map<String, Object>> configure = properties -> {
            try {
                admin.getConfiguration("dev.viber.http", "?").update(FrameworkUtil.asDictionary(properties));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        context.registerService(Consumer.class, configure, FrameworkUtil.asDictionary(Map.of("test", "configure")));
    }

    @Override
    public void stop(BundleContext context) {}
}
