package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.launcher.LaunchRequest;
import dev.viber.launcher.Launcher;
import dev.viber.launcher.Running;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import tools.jackson.databind.JsonNode;

/**
 * The contract of everything that starts and stops, for every bundle of the feature {@code all}: stopped twice, started
 * twice, alone and with the others in any order, it and all that use it are there again, and tasks run.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class SwapContractIT {
    private static final long PATIENCE_SECONDS = 60;

    private final int rounds = Integer.getInteger("rounds", 1);
    private final Random random = new Random(Seed.get());

    @TempDir
    Path dir;

    @Test
    void everyBundleToleratesEveryOrder() throws Exception {
        Path home = Path.of(System.getProperty("viber.home", "../../distribution/target/viber"))
                .toAbsolutePath()
                .normalize();
        Path state = dir.resolve("state");
        Path workspace = Files.createDirectories(dir.resolve("workspace"));
        LaunchRequest request = LaunchRequest.of(
                home,
                home.resolve("features/all.json"),
                state,
                Map.of("state", state.toString(), "listen", "127.0.0.1:0", "workspace", workspace.toString()));
        try (Running running = Launcher.start(request)) {
            BundleContext context = running.context();
            List<Bundle> ours = new ArrayList<>(Arrays.stream(context.getBundles())
                    .filter(bundle -> bundle.getSymbolicName().startsWith("dev.viber."))
                    .filter(bundle -> !bundle.getSymbolicName().equals("dev.viber.api"))
                    .toList());
            assertThat(ours).hasSizeGreaterThan(10);
            awaitTask(running, state, workspace, "before");
            Set<String> whole = offered(ours);
            for (Bundle bundle : ours) {
                bundle.stop();
                bundle.stop();
                bundle.start();
                bundle.start();
                awaitOffered(context, ours, whole, bundle.getSymbolicName());
                awaitTask(running, state, workspace, bundle.getSymbolicName() + "-again");
                bundle.update();
                awaitOffered(context, ours, whole, bundle.getSymbolicName() + ", updated");
                awaitTask(running, state, workspace, bundle.getSymbolicName() + "-updated");
            }
            for (int round = 0; round < 3 * rounds; round++) {
                List<Bundle> down = new ArrayList<>(ours);
                Collections.shuffle(down, random);
                for (Bundle bundle : down) {
                    bundle.stop();
                }
                assertThat(offered(ours)).as("what is stopped offers nothing").isEmpty();
                List<Bundle> up = new ArrayList<>(ours);
                Collections.shuffle(up, random);
                for (Bundle bundle : up) {
                    bundle.start();
                }
                String order = "stopped as %s, started as %s".formatted(names(down), names(up));
                awaitOffered(context, ours, whole, order);
                awaitTask(running, state, workspace, "together-" + round);
            }
        }
    }

    private static List<String> names(List<Bundle> bundles) {
        return bundles.stream().map(Bundle::getSymbolicName).toList();
    }

    /** What these bundles offer: bundle, interfaces, component and whatever tells several of a kind apart. */
    private static Set<String> offered(List<Bundle> bundles) {
        Set<String> all = new TreeSet<>();
        for (Bundle bundle : bundles) {
            ServiceReference<?>[] references = bundle.getRegisteredServices();
            for (ServiceReference<?> each : references == null ? new ServiceReference<?>[0] : references) {
                all.add("%s %s %s %s %s"
                        .formatted(
                                bundle.getSymbolicName(),
                                Arrays.toString((String[]) each.getProperty("objectClass")),
                                each.getProperty("component.name"),
                                each.getProperty("store"),
                                each.getProperty("part")));
            }
        }
        return all;
    }

    private static void awaitOffered(BundleContext context, List<Bundle> bundles, Set<String> whole, String after)
            throws InterruptedException {
        CountDownLatch there = new CountDownLatch(1);
        ServiceListener listener = event -> {
            if (offered(bundles).equals(whole)) {
                there.countDown();
            }
        };
        context.addServiceListener(listener);
        try {
            // Once is enough: what is made anew by what came may leave and come again right after.
            if (!offered(bundles).equals(whole) && !there.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                assertThat(offered(bundles)).as("all is there again: %s", after).isEqualTo(whole);
            }
        } finally {
            context.removeServiceListener(listener);
        }
        assertThat(bundles)
                .as(after)
                .allSatisfy(bundle -> assertThat(bundle.getState())
                        .as(bundle.getSymbolicName())
                        .isEqualTo(Bundle.ACTIVE));
    }

    /** A task goes all the way: REST, gateway, socket, controller, agent, tool and back. */
    private static void awaitTask(Running running, Path state, Path workspace, String name) throws Exception {
        Map<String, Object> facts = running.facts();
        String token = Files.readString(state.resolve("owner.token"), StandardCharsets.UTF_8)
                .strip();
        try (Rest rest = new Rest("http://127.0.0.1:%s/api/v1".formatted(facts.get("port")), token)) {
            String playbook =
                    "name: p\nsteps:\n  - id: w\n    tool: file.write\n    with: {path: %s.txt, mode: append, text: x}\n"
                            .formatted(name);
            JsonNode task = rest.post("/tasks", Map.of("goal", name, "options", Map.of("playbook", playbook)))
                    .expect(201);
            Sse reader = new Sse(task.path("id").asString());
            Sse.Event last = reader.await(rest, Sse.Event::isLast);
            assertThat(last.kind()).as(last.toString()).isEqualTo("completed");
        }
        assertThat(workspace.resolve(name + ".txt")).hasContent("x");
    }
}
