package dev.viber.guest.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Uses an agent as its callers will, so that the JVM's cache has the classes that this takes. */
final class Training {
    private static final String LISTENER = "dev.viber.api.guest.AgentListener";
    private static final String PAGE =
            "data:text/html,<title>t</title><input id=i><button onclick=\\\"log=1\\\">b</button>";

    private static final List<String[]> CALLS = List.of(
            new String[] {"GET", "/healthz", ""},
            new String[] {"GET", "/v1/devtools", ""},
            new String[] {"POST", "/v1/browser/navigate", "{\"url\":\"" + PAGE + "\"}"},
            new String[] {"POST", "/v1/dom/click", "{\"selector\":\"button\"}"},
            new String[] {"POST", "/v1/dom/type", "{\"selector\":\"#i\",\"value\":\"abc\"}"},
            new String[] {"POST", "/v1/dom/get-text", "{\"selector\":\"text=b\"}"},
            new String[] {"POST", "/v1/script/evaluate", "{\"expression\":\"({a: [1]})\"}"},
            new String[] {"POST", "/v1/browser/screenshot", "{}"},
            new String[] {"GET", "/v1/tabs", ""},
            new String[] {"GET", "/v1/network", ""},
            new String[] {"GET", "/v1/profile/extract", ""},
            new String[] {"GET", "/v1/bundles", ""});

    private Training() {}

    /** Fails where a call does: a cache of an agent that does not work is none. */
    static void run(BundleContext context) throws IOException {
        ServiceReference<?> reference = Services.find(context, LISTENER);
        try {
            // Its type is a bundle's, which this side of the framework has not got.
            Object listener = context.getService(reference);
            var method = reference.getBundle().loadClass(LISTENER).getMethod("address");
            int port = ((InetSocketAddress) method.invoke(listener)).getPort();
            for (String[] each : CALLS) {
                call(port, each[0], each[1], each[2]);
            }
        } catch (ReflectiveOperationException e) {
            throw new IOException("the agent does not say where it listens", e);
        }
    }

    private static void call(int port, String method, String path, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestMethod(method);
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            try (InputStream in = connection.getErrorStream()) {
                throw new IOException(path + " answered " + connection.getResponseCode() + ": "
                        + new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        try (InputStream in = connection.getInputStream()) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
