package dev.viber.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.felix.framework.FrameworkFactory;
import org.jspecify.annotations.NullUnmarked;
import org.osgi.framework.AllServiceListener;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;

/** A real Felix with exactly the bundles that the listener needs; the reference for the run-time bundle list. */
@NullUnmarked
final class House {
    /** In the order of installing and starting. */
    static final List<String> BUNDLES = List.of(
            "slf4j-api",
            "slf4j-jdk14",
            "org.osgi.util.function",
            "org.osgi.util.promise",
            "org.osgi.service.component",
            "org.apache.felix.configadmin",
            "org.apache.felix.scr",
            "jackson-annotations",
            "jackson-core",
            "jackson-databind",
            "jakarta.servlet-api",
            "jakarta.websocket-client-api",
            "jakarta.websocket-api",
            "jetty-util",
            "jetty-io",
            "jetty-http",
            "jetty-server",
            "jetty-session",
            "jetty-security",
            "jetty-alpn-client",
            "jetty-client",
            "jetty-websocket-core-common",
            "jetty-websocket-core-client",
            "jetty-websocket-core-server",
            "jetty-ee11-servlet",
            "jetty-ee11-websocket-servlet",
            "jetty-ee11-websocket-jakarta-common",
            "jetty-ee11-websocket-jakarta-client",
            "dev.viber.api");

    private static final String GUEST_IMPORTS = Stream.of(
                    "dev.viber.api.auth",
                    "dev.viber.api.http",
                    "jakarta.websocket",
                    "jakarta.websocket.server",
                    "org.eclipse.jetty.http",
                    "org.eclipse.jetty.io",
                    "org.eclipse.jetty.server",
                    "org.eclipse.jetty.util",
                    "org.osgi.framework",
                    "org.osgi.service.cm")
            .reduce((a, b) -> a + "," + b)
            .orElseThrow();

    private final Framework framework;
    final Bundle http;

    House(Path storage, Map<String, Object> settings) throws BundleException, IOException {
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        storage.toString(),
                        Constants.FRAMEWORK_STORAGE_CLEAN,
                        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT));
        framework.start();
        BundleContext context = framework.getBundleContext();
        // What SPI Fly would say and do: nothing here is found by a woven ServiceLoader.
        install(
                "extenders",
                Map.of(
                        "Provide-Capability",
                        "osgi.extender;osgi.extender=\"osgi.serviceloader.processor\";version:Version=\"1.0\","
                                + "osgi.extender;osgi.extender=\"osgi.serviceloader.registrar\";version:Version=\"1.0\""),
                Map.of());
        install(
                "slf4j-provider",
                Map.of(
                        Constants.FRAGMENT_HOST, "slf4j.api",
                        Constants.IMPORT_PACKAGE, "org.slf4j.jul"),
                Map.of(
                        "META-INF/services/org.slf4j.spi.SLF4JServiceProvider",
                        "org.slf4j.jul.JULServiceProvider".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        Path runtime = Path.of(System.getProperty("viber.http.runtime"));
        for (String name : BUNDLES) {
            context.installBundle("reference:" + runtime.resolve(name + ".jar").toUri());
        }
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
                bundle.start();
            }
        }
        guest("ConfigGuest", "");
        this.<Consumer<Map<String, Object>>>service("(test=configure)").accept(settings);
        http = context.installBundle(
                "reference:" + Path.of(System.getProperty("viber.http.jar")).toUri());
        http.start();
    }

    /** Installs and starts one of the guests. */
    Bundle guest(String activator, String path) throws BundleException, IOException {
        Map<String, byte[]> content = new java.util.TreeMap<>();
        Path classes = Path.of(System.getProperty("viber.http.guests"));
        try (Stream<Path> files = Files.list(classes.resolve("dev/viber/http/guest"))) {
            for (Path file : files.toList()) {
                content.put(classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        Bundle bundle = install(
                activator + path.replace('/', '.'),
                Map.of(
                        Constants.IMPORT_PACKAGE,
                        GUEST_IMPORTS,
                        Constants.BUNDLE_ACTIVATOR,
                        "dev.viber.http.guest." + activator,
                        "Guest-Path",
                        path),
                content);
        bundle.start();
        return bundle;
    }

    /** The service that matches, waited for. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the test says what it asked for
    <T> T service(String filter) {
        BundleContext context = framework.getBundleContext();
        LinkedBlockingQueue<ServiceReference<?>> found = new LinkedBlockingQueue<>();
        AllServiceListener listener = event -> {
            if (event.getType() == ServiceEvent.REGISTERED) {
                found.add(event.getServiceReference());
            }
        };
        try {
            Filter wanted = context.createFilter(filter);
            context.addServiceListener(listener, filter);
            ServiceReference<?>[] there = context.getAllServiceReferences(null, wanted.toString());
            ServiceReference<?> one = there != null ? there[0] : found.poll(20, TimeUnit.SECONDS);
            if (one == null) {
                throw new AssertionError("no service " + filter);
            }
            return (T) context.getService(one);
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            context.removeServiceListener(listener);
        }
    }

    /** Whether there is a service that matches, now. */
    boolean has(String filter) throws Exception {
        return framework.getBundleContext().getAllServiceReferences(null, filter) != null;
    }

    /** The port the listener has, as its Ready service says. */
    int port() throws ReflectiveOperationException {
        Object ready = service("(part=http)");
        java.lang.reflect.Method facts = ready.getClass().getMethod("facts");
        return ((Map<?, ?>) facts.invoke(ready)).get("port") instanceof Integer port ? port : -1;
    }

    private Bundle install(String name, Map<String, String> headers, Map<String, byte[]> content)
            throws BundleException, IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        main.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
        headers.forEach(main::putValue);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            for (Map.Entry<String, byte[]> entry : content.entrySet()) {
                jar.putNextEntry(new ZipEntry(entry.getKey()));
                jar.write(entry.getValue());
                jar.closeEntry();
            }
        }
        InputStream in = new ByteArrayInputStream(bytes.toByteArray());
        return framework.getBundleContext().installBundle("guest:" + name, in);
    }

    void close() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(0);
    }
}
