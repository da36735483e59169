package dev.viber.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What to start, and with what.
 *
 * @param feature the feature file
 * @param bundles the folder of jars in Maven layout
 * @param variables values for the feature's {@code ${name}}s
 * @param environment whose {@code VIBER_*} and {@code VIPER_*} override configurations
 * @param overlays folders whose {@code *.json} override configurations, the later ones first in rank; missing ones are passed over
 * @param states state folders that this process shall own alone; made where missing
 * @param storage the framework's own folder, emptied at each start
 * @param deadline how long the parts may take to become ready
 */
public record LaunchRequest(
        Path feature,
        Path bundles,
        Map<String, String> variables,
        Map<String, String> environment,
        List<Path> overlays,
        List<Path> states,
        Path storage,
        Duration deadline) {

    /** How long parts may take where nothing else is said. */
    public static final Duration DEADLINE = Duration.ofSeconds(60);

    /** Of the distribution in {@code home}: its bundles, its {@code conf/}, and a state folder that also holds the framework's. */
    public static LaunchRequest of(Path home, Path feature, Path state, Map<String, String> variables) {
        return new LaunchRequest(
                feature,
                home.resolve("bundles"),
                withHome(home, variables),
                System.getenv(),
                List.of(home.resolve("conf"), state.resolve("conf")),
                List.of(state),
                state.resolve("run").resolve("framework"),
                DEADLINE);
    }

    /** The same with more state folders to own. */
    public LaunchRequest owning(List<Path> folders) {
        return new LaunchRequest(
                feature, bundles, variables, environment, overlays, List.copyOf(folders), storage, deadline);
    }

    private static Map<String, String> withHome(Path home, Map<String, String> variables) {
        Map<String, String> all = new java.util.HashMap<>(variables);
        all.putIfAbsent("home", home.toString());
        return Map.copyOf(all);
    }
}
