package dev.viber.guest.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Starts a feature and stays until it is told to end: {@code Main HOME [FEATURE.json]}.
 *
 * <p>The launcher of the large distributions binds its features, configures components and logs with libraries that a guest
 * would load for nothing else; this one reads a stream, and leaves configuration to the environment.
 */
public final class Main {
    private static final long STOP_WITHIN_MS = TimeUnit.SECONDS.toMillis(8);

    /** A property of the feature: the services that are there once it has started, apart by commas. */
    private static final String WANTED = "dev.viber.guest.wanted";
    /** A system property: used a little and ended, for the JVM to make a cache of what that took. */
    private static final String TRAIN = "dev.viber.guest.train";

    /** A system property: the jars are known to be what they should be, since they lie in a read-only image with a digest. */
    private static final String VERIFIED = "dev.viber.guest.verified";

    private static volatile boolean failed;

    private final Path home;
    private final Path storage;

    private Main(Path home, Path storage) {
        this.home = home;
        this.storage = storage;
    }

    /** Runs until SIGTERM; exit code 2 for a wrong call, 1 where the feature does not start. */
    public static void main(String[] args) throws InterruptedException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("viper-agent: usage: HOME [FEATURE.json]");
            System.exit(2);
        }
        Path home = Path.of(args[0]).toAbsolutePath();
        Path feature = args.length == 2 ? Path.of(args[1]) : home.resolve("features/guest.json");
        try {
            new Main(home, Files.createTempDirectory("viper-agent")).run(GuestFeature.read(feature));
        } catch (IOException | BundleException | RuntimeException e) {
            System.err.println("viper-agent: " + feature + " does not start: " + e);
            failed = true;
            System.exit(1);
        }
    }

    private void run(GuestFeature feature) throws IOException, BundleException, InterruptedException {
        Map<String, String> properties = new HashMap<>(feature.properties());
        properties.put(Constants.FRAMEWORK_STORAGE, storage.resolve("framework").toString());
        properties.put("felix.cache.locking", "false");
        properties.put("dev.viber.guest.home", home.toString());
        Framework framework = new FrameworkFactory().newFramework(properties);
        framework.init();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(framework)));
        framework.start();
        List<Bundle> bundles = new ArrayList<>();
        for (GuestFeature.Bundle each : feature.bundles()) {
            Path jar = verified(each);
            bundles.add(framework.getBundleContext().installBundle("reference:" + jar.toUri()));
        }
        if (!framework.adapt(FrameworkWiring.class).resolveBundles(bundles)) {
            for (Bundle bundle : bundles) {
                // Starting one that is not resolved throws what it lacks.
                bundle.start(Bundle.START_TRANSIENT);
            }
        }
        for (Bundle bundle : bundles) {
            bundle.start();
        }
        for (String service : properties.getOrDefault(WANTED, "").split(",", -1)) {
            if (!service.isEmpty()) {
                Services.find(framework.getBundleContext(), service);
            }
        }
        if (Boolean.getBoolean(TRAIN)) {
            Training.run(framework.getBundleContext());
            System.exit(0);
        }
        framework.waitForStop(0);
    }

    private Path verified(GuestFeature.Bundle bundle) throws IOException {
        Path jar = home.resolve("bundles").resolve(bundle.jar());
        if (bundle.hash() != null && !Boolean.getBoolean(VERIFIED)) {
            String found = digest(jar);
            if (!found.equals(bundle.hash())) {
                throw new IOException(jar + " is not the jar the feature was sealed with: wanted " + bundle.hash()
                        + ", found " + found);
            }
        }
        return jar;
    }

    private static String digest(Path jar) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(jar), sha256)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void stop(Framework framework) {
        try {
            framework.stop();
            framework.waitForStop(STOP_WITHIN_MS);
        } catch (BundleException e) {
            System.err.println("viper-agent: did not stop cleanly: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(storage)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("viper-agent: " + storage + " stays behind: " + e);
        }
        // A JVM that a signal ended would report 143; being told to stop and doing so is a success.
        Runtime.getRuntime().halt(failed ? 1 : 0);
    }
}
