package dev.viber.itest.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceEvent;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.common.service.ServiceAware;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;

/** What every feature rests on: contracts, configuration and components, in the framework they run in. */
@ExtendWith({BundleContextExtension.class, ServiceExtension.class})
class FrameworkTest {
    @Test
    void everyBundleOfTheRunIsActive(@InjectBundleContext BundleContext context) {
        assertThat(Arrays.stream(context.getBundles())
                        .filter(bundle -> bundle.getHeaders().get("Fragment-Host") == null)
                        .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
                        .map(Bundle::getSymbolicName))
                .isEmpty();
        assertThat(Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName))
                .contains("dev.viber.api", "org.apache.felix.scr", "org.apache.felix.configadmin");
    }

    @Test
    void aComponentLivesAsLongAsItsConfiguration(
            @InjectBundleContext BundleContext context,
            @InjectService(timeout = 5000) ConfigurationAdmin admin,
            @InjectService(cardinality = 0, filter = "(test=greeting)") ServiceAware<Greeting> greetings)
            throws Exception {
        assertThat(greetings.isEmpty()).isTrue();
        Configuration configuration = admin.getConfiguration(Greeting.PID, "?");
        // Text, as an environment variable brings it: the component's own type makes a number of it.
        configuration.update(FrameworkUtil.asDictionary(Map.of("max.bytes", "4096")));
        assertThat(greetings.waitForService(5000).settings()).containsEntry("max.bytes", 4096);
        CountDownLatch gone = new CountDownLatch(1);
        context.addServiceListener(
                event -> {
                    if (event.getType() == ServiceEvent.UNREGISTERING) {
                        gone.countDown();
                    }
                },
                "(test=greeting)");
        configuration.delete();
        assertThat(gone.await(5, TimeUnit.SECONDS)).isTrue();
    }
}
