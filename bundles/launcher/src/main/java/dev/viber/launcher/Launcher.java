package dev.viber.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a feature in a Felix of its own: verifies, installs by reference, resolves, configures, starts in order, and
 * returns when the parts that the feature names are ready.
 *
 * <p>Configurations come from the feature, then {@code conf/*.json}, then the environment, the later ones winning by
 * property; only then are variables put in.
 */
public final class Launcher {
    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
    /** Packages that launcher and bundles share, so that both sides have the same classes. */
    private static final List<Class<?>> SHARED = List.of(
            ConfigurationAdmin.class,
            Logger.class,
            org.slf4j.event.Level.class,
            org.slf4j.helpers.NOPLogger.class,
            org.slf4j.spi.MDCAdapter.class);

    private final LaunchRequest request;
    private final Feature feature;
    private final Variables variables;
    private final Map<String, Map<String, Object>> configurations;
    private final Map<String, Long> timings = new LinkedHashMap<>();
    private long lap = System.nanoTime();

    private Launcher(LaunchRequest request) throws LaunchException {
        this.request = request;
        feature = Feature.read(request.feature());
        Map<String, String> given = new HashMap<>(machine());
        given.putAll(request.variables());
        variables = new Variables(feature.variables(), given);
        configurations = configurations();
    }

    /**
     * Starts, and returns once every part the feature names is ready.
     *
     * @throws LaunchException where it cannot start; nothing is left running then
     */
    public static Running start(LaunchRequest request) throws LaunchException {
        // The console's handler is made now, on the process's own stderr: Gogo puts a stream of its own in its place,
        // which
        // would give what is logged on a shell command's thread to whoever typed the command.
        LogsToTheEnd.flush();
        Launcher launcher = new Launcher(request);
        Deque<AutoCloseable> undo = new ArrayDeque<>();
        try {
            return launcher.start(undo);
        } catch (LaunchException | RuntimeException e) {
            for (AutoCloseable each : undo) {
                try {
                    each.close();
                } catch (Exception more) {
                    e.addSuppressed(more);
                }
            }
            throw e;
        }
    }

    private Running start(Deque<AutoCloseable> undo) throws LaunchException {
        for (Path state : request.states()) {
            undo.push(StateLock.take(state));
        }
        lap("read");
        List<Path> jars = verified();
        lap("verify");
        Framework framework = new FrameworkFactory().newFramework(frameworkProperties());
        try {
            framework.init();
            undo.push(() -> {
                framework.stop();
                framework.waitForStop(Running.STOP_WITHIN.toMillis());
            });
            BundleContext context = framework.getBundleContext();
            ReadyParts parts = new ReadyParts(context, feature.readyParts());
            undo.push(parts);
            framework.start();
            lap("framework");
            List<Bundle> bundles = new ArrayList<>();
            for (Path jar : jars) {
                bundles.add(context.installBundle("reference:" + jar.toUri()));
            }
            lap("install");
            Resolution.of(framework, bundles);
            lap("resolve");
            startAll(context, bundles);
            lap("start");
            awaitReady(context, parts);
            lap("ready");
            tellOfFailures(context);
            return new Running(framework, bundles, parts, undo, timings);
        } catch (BundleException e) {
            throw new LaunchException("the framework does not start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaunchException("interrupted while starting", e);
        }
    }

    private void startAll(BundleContext context, List<Bundle> bundles) throws LaunchException {
        boolean configured = configurations.isEmpty();
        for (Bundle bundle : bundles) {
            if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null) {
                continue;
            }
            try {
                bundle.start();
            } catch (BundleException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new LaunchException("bundle " + bundle.getSymbolicName() + " does not start: " + cause, e);
            }
            // As early as can be, so that components find their configuration instead of being made twice.
            configured = configured || configure(context);
        }
        if (!configured) {
            throw new LaunchException(request.feature() + " has configurations, but no bundle that serves them "
                    + "(org.apache.felix:org.apache.felix.configadmin)");
        }
    }

    private boolean configure(BundleContext context) throws LaunchException {
        ServiceReference<ConfigurationAdmin> reference = context.getServiceReference(ConfigurationAdmin.class);
        if (reference == null) {
            return false;
        }
        ConfigurationAdmin admin = Objects.requireNonNull(context.getService(reference), "ConfigurationAdmin");
        try {
            for (Map.Entry<String, Map<String, Object>> each : configurations.entrySet()) {
                String pid = each.getKey();
                int tilde = pid.indexOf('~');
                Configuration configuration = tilde < 0
                        ? admin.getConfiguration(pid, "?")
                        : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
                configuration.update(FrameworkUtil.asDictionary(each.getValue()));
            }
        } catch (IOException e) {
            throw new LaunchException("a configuration cannot be written: " + e, e);
        } finally {
            context.ungetService(reference);
        }
        return true;
    }

    /** From now on a component that fails, such as a plugin's, is told of in the log. */
    private static void tellOfFailures(BundleContext context) throws LaunchException {
        ServiceReference<ConfigurationAdmin> reference = context.getServiceReference(ConfigurationAdmin.class);
        if (reference == null) {
            return;
        }
        ConfigurationAdmin admin = Objects.requireNonNull(context.getService(reference), "ConfigurationAdmin");
        try {
            admin.getConfiguration("org.apache.felix.scr.ScrService", "?")
                    .update(FrameworkUtil.asDictionary(Map.of("ds.loglevel", "1")));
        } catch (IOException e) {
            throw new LaunchException("a configuration cannot be written: " + e, e);
        } finally {
            context.ungetService(reference);
        }
    }

    private void awaitReady(BundleContext context, ReadyParts parts) throws LaunchException, InterruptedException {
        if (!parts.missing().isEmpty()) {
            // What threw at its start does not become ready by waiting for it.
            List<String> failed = Components.failed(context);
            if (!failed.isEmpty()) {
                throw new LaunchException(String.join("\n", failed));
            }
        }
        if (!parts.await(request.deadline())) {
            throw new LaunchException("not ready within " + request.deadline().toSeconds() + " s: " + parts.missing()
                    + "\n  " + String.join("\n  ", Components.unsatisfied(context)));
        }
    }

    private Map<String, Map<String, Object>> configurations() throws LaunchException {
        Map<String, Map<String, Object>> merged = new TreeMap<>();
        feature.configurations().forEach((pid, properties) -> merged.put(pid, new TreeMap<>(properties)));
        for (Path folder : request.overlays()) {
            for (Path file : jsonFiles(folder)) {
                Configurations.overlay(merged, file);
            }
        }
        EnvironmentOverrides.apply(merged, request.environment(), feature.olderNames());
        // Not a bundle's, and wanted before any of them starts.
        Map<String, Object> log = merged.remove(LogsToTheEnd.PID);
        if (log != null) {
            LogsToTheEnd.configure(log);
        }
        for (Map.Entry<String, Map<String, Object>> each : merged.entrySet()) {
            each.setValue(variables.fill(each.getKey(), each.getValue()));
        }
        return merged;
    }

    private static List<Path> jsonFiles(Path folder) throws LaunchException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new LaunchException(folder + " cannot be listed: " + e, e);
        }
    }

    private Map<String, String> frameworkProperties() throws LaunchException {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, request.storage().toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put("felix.cache.locking", "false");
        properties.put("felix.log.logger", new FrameworkLog());
        properties.put("felix.log.level", "3");
        // Their own log levels, lest they print on stdout what is no error.
        // What fails at the start is told by the launcher, in words for people; "debug" has the traces.
        properties.put("ds.loglevel", LOG.isDebugEnabled() ? "1" : "0"); // see tellOfFailures
        properties.put("felix.cm.loglevel", "1");
        properties.put(
                Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                SHARED.stream().map(Launcher::exported).collect(Collectors.joining(",")));
        for (Map.Entry<String, String> each : feature.frameworkProperties().entrySet()) {
            properties.put(each.getKey(), variables.fill(each.getValue(), "framework property " + each.getKey()));
        }
        for (Map.Entry<String, String> each : feature.systemProperties().entrySet()) {
            if (System.getProperty(each.getKey()) == null) {
                System.setProperty(each.getKey(), variables.fill(each.getValue(), "system property " + each.getKey()));
            }
        }
        @SuppressWarnings({"unchecked", "rawtypes"
        }) // Felix takes a Logger among the strings; the signature does not say so
        Map<String, String> asFelixWantsThem = (Map) properties;
        return asFelixWantsThem;
    }

    private static String exported(Class<?> type) {
        String version = type == ConfigurationAdmin.class ? "1.6.1" : "2.0.20";
        return type.getPackageName() + ";version=\"" + version + "\"";
    }

    /** The jars in the order of the feature, each there and, where the feature is sealed, with the digest it names. */
    private List<Path> verified() throws LaunchException {
        List<String> wrong = feature.bundles().parallelStream()
                .map(this::fault)
                .filter(fault -> !fault.isEmpty())
                .toList();
        if (!wrong.isEmpty()) {
            throw new LaunchException(request.feature() + " is refused:\n  " + String.join("\n  ", wrong));
        }
        return feature.bundles().stream()
                .map(each ->
                        request.bundles().toAbsolutePath().resolve(each.id().path()))
                .toList();
    }

    private String fault(Feature.Entry bundle) {
        Path jar = request.bundles().resolve(bundle.id().path());
        if (!Files.isRegularFile(jar)) {
            return jar + " is missing";
        }
        String wanted = bundle.hash();
        if (wanted == null) {
            return "";
        }
        try {
            String found = digest(jar);
            return found.equals(wanted)
                    ? ""
                    : jar + " is not the jar the feature was sealed with: wanted " + wanted + ", found " + found;
        } catch (IOException e) {
            return jar + " cannot be read: " + e;
        }
    }

    /** SHA-256 of a file as {@code sha256:} and hexadecimal digits. */
    static String digest(Path file) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** What differs from machine to machine, in the words that native libraries name their folders with. */
    private static Map<String, String> machine() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return Map.of(
                "os", os.startsWith("linux") ? "Linux" : os.startsWith("mac") ? "Mac" : "Windows",
                "arch", arch.equals("amd64") ? "x86_64" : arch);
    }

    private void lap(String phase) {
        long now = System.nanoTime();
        timings.put(phase, (now - lap) / 1_000_000);
        lap = now;
        LOG.debug("{} took {} ms", phase, timings.get(phase));
    }
}
