package dev.viber.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** The packed bundle in a real framework, with exactly the bundles it is said to need. */
final class FelixIT {
    /** slf4j-api asks for the ServiceLoader extender; nothing here is found through it. */
    private static final String EXTENDERS = "osgi.extender;osgi.extender=\"osgi.serviceloader.processor\";"
            + "version:Version=\"1.0\",osgi.extender;osgi.extender=\"osgi.serviceloader.registrar\";version:Version=\"1.0\"";

    @Test
    void resolvesStartsAndServes(@TempDir Path cache) throws Exception {
        FrameworkFactory factory =
                ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
        Framework framework = factory.newFramework(Map.of(
                Constants.FRAMEWORK_STORAGE,
                cache.toString(),
                Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA,
                EXTENDERS));
        framework.start();
        try {
            BundleContext context = framework.getBundleContext();
            List<Bundle> bundles = new ArrayList<>();
            try (Stream<Path> jars = Files.list(Path.of(System.getProperty("viber.bundles", "")))) {
                for (Path jar : jars.sorted().toList()) {
                    bundles.add(context.installBundle("reference:" + jar.toUri()));
                }
            }
            Bundle playbook = context.installBundle("reference:"
                    + Path.of(System.getProperty("viber.bundle", "")).toUri());
            bundles.add(playbook);
            for (Bundle bundle : bundles) {
                bundle.start();
            }
            assertThat(bundles).allMatch(bundle -> bundle.getState() == Bundle.ACTIVE);
            assertThat(playbook.getEntry("dev/viber/playbook/playbook.schema.json"))
                    .isNotNull();

            assertThat(call(context, "PlaybookCheck", "check", Fixtures.COUNT_TODOS, Map.of()))
                    .isEqualTo(List.of());
            assertThat(call(context, "PlaybookCheck", "check", "name: 1\n", Map.of()))
                    .asString()
                    .contains("string expected", "'steps' is missing");
            assertThat(call(context, "Planner", "plan", "count", Map.of("playbook", Fixtures.COUNT_TODOS)))
                    .asString()
                    .contains("count-todos", "search.text");
            assertThat(call(context, "Expressions", "evaluate", "${{ upper(a.b) }}", Map.of("a", Map.of("b", "x"))))
                    .isEqualTo("X");
        } finally {
            framework.stop();
            framework.waitForStop(10_000);
        }
    }

    /** The framework's classes are not the test's, so that services are called by their names. */
    private static @Nullable Object call(BundleContext context, String service, String method, Object... arguments)
            throws ReflectiveOperationException, InvalidSyntaxException {
        ServiceReference<?>[] references = context.getAllServiceReferences("dev.viber.api.task." + service, null);
        assertThat(references).as(service).hasSize(1);
        Object found = context.getService(references[0]);
        Method called = Arrays.stream(found.getClass().getMethods())
                .filter(m -> m.getName().equals(method) && !m.isBridge())
                .findFirst()
                .orElseThrow();
        return called.invoke(found, arguments);
    }
}
