package dev.viber.guest.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/** {@code GET /v1/bundles} lists the agent's bundles, {@code PUT /v1/bundles/NAME} with a jar as body replaces one of them. */
final class Bundles implements HttpHandler {
    private static final String PATH = "/v1/bundles";
    private static final long LARGEST_JAR = 64L << 20;
    private static final Map<Integer, String> STATES = Map.of(
            Bundle.INSTALLED, "installed",
            Bundle.RESOLVED, "resolved",
            Bundle.STARTING, "starting",
            Bundle.ACTIVE, "active",
            Bundle.STOPPING, "stopping",
            Bundle.UNINSTALLED, "uninstalled");

    private final BundleContext context;
    /** What each bundle was last updated with, to go back to. */
    private final Map<String, Path> jars = new ConcurrentHashMap<>();

    Bundles(BundleContext context) {
        this.context = context;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        if (path.equals(PATH) && method.equals("GET")) {
            String all = Stream.of(context.getBundles()).map(Bundles::describe).collect(Collectors.joining(","));
            Answers.json(exchange, 200, "{\"bundles\":[" + all + "]}");
        } else if (path.startsWith(PATH + "/") && method.equals("PUT")) {
            put(exchange, path.substring(PATH.length() + 1));
        } else {
            Answers.error(exchange, 405, "method", "wanted GET " + PATH + " or PUT " + PATH + "/SYMBOLIC-NAME");
        }
    }

    private synchronized void put(HttpExchange exchange, String name) throws IOException {
        Bundle bundle = Stream.of(context.getBundles())
                .filter(each -> name.equals(each.getSymbolicName()) && each.getBundleId() != 0)
                .findFirst()
                .orElse(null);
        if (bundle == null) {
            Answers.error(exchange, 404, "no_such_bundle", "there is no bundle '" + name + "' to update");
            return;
        }
        if (bundle.equals(context.getBundle())) {
            Answers.error(exchange, 409, "own_bundle", name + " serves this call; it changes with the image");
            return;
        }
        Path jar = Files.createTempFile("update", ".jar");
        String wrong = receive(exchange, jar, name);
        if (wrong != null) {
            Files.delete(jar);
            Answers.error(exchange, 400, "bad_jar", wrong);
            return;
        }
        update(exchange, bundle, jar);
    }

    private void update(HttpExchange exchange, Bundle bundle, Path jar) throws IOException {
        String name = bundle.getSymbolicName();
        Path before = jars.get(name);
        if (before == null) {
            before = Files.createTempFile("first", ".jar");
            try (InputStream in = java.net
                    .URI
                    .create(bundle.getLocation().replaceFirst("^reference:", ""))
                    .toURL()
                    .openStream()) {
                Files.copy(in, before, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        long begun = System.nanoTime();
        try {
            replace(bundle, jar);
        } catch (BundleException e) {
            String text = name + " did not come up, its last version is back: " + reason(e);
            try {
                replace(bundle, before);
                jars.put(name, before);
            } catch (BundleException again) {
                text = name + " did not come up: " + reason(e) + "; nor did the one before: " + reason(again);
            }
            Files.deleteIfExists(jar);
            Answers.error(exchange, 409, "update_failed", text);
            return;
        }
        jars.put(name, jar);
        Files.deleteIfExists(before);
        long ms = (System.nanoTime() - begun) / 1_000_000;
        Answers.json(exchange, 200, "{\"bundle\":" + describe(bundle) + ",\"ms\":" + ms + "}");
    }

    private void replace(Bundle bundle, Path jar) throws BundleException, IOException {
        bundle.stop(Bundle.STOP_TRANSIENT);
        try (InputStream in = Files.newInputStream(jar)) {
            bundle.update(in);
        }
        bundle.start();
    }

    private static @Nullable String receive(HttpExchange exchange, Path jar, String name) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            Files.copy(new Limited(body, LARGEST_JAR), jar, StandardCopyOption.REPLACE_EXISTING);
        } catch (Limited.TooLargeException e) {
            return "the jar is larger than " + LARGEST_JAR + " bytes";
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            var manifest = file.getManifest();
            String found =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (found == null) {
                return "the body is a jar, but no bundle: its manifest has no Bundle-SymbolicName";
            }
            String symbolic = found.split(";", 2)[0].strip();
            return symbolic.equals(name) ? null : "the body is the bundle " + symbolic + ", wanted " + name;
        } catch (java.util.zip.ZipException e) {
            return "the body is no jar: " + e.getMessage();
        }
    }

    private static String reason(Throwable thrown) {
        List<String> messages = new ArrayList<>();
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            messages.add(String.valueOf(each.getMessage()));
        }
        return String.join(": ", messages);
    }

    private static String describe(Bundle bundle) {
        return "{\"id\":" + bundle.getBundleId()
                + ",\"symbolic_name\":" + Answers.quoted(String.valueOf(bundle.getSymbolicName()))
                + ",\"version\":" + Answers.quoted(bundle.getVersion().toString())
                + ",\"state\":" + Answers.quoted(STATES.getOrDefault(bundle.getState(), "unknown")) + "}";
    }
}
