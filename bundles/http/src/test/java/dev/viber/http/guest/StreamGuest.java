package dev.viber.http.guest;

import dev.viber.api.http.HttpContribution;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Streams at {@code /stream} what the test pushes, and never ends by itself. */
public final class StreamGuest implements BundleActivator {
    private final Set<Response> open = ConcurrentHashMap.newKeySet();

    @Override
    public void start(BundleContext context) {
        Handler handler = new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.getHeaders().put("Content-Type", "text/event-stream");
                response.write(false, ByteBuffer.wrap(line("open")), Callback.from(() -> open.add(response)));
                return true;
            }
        };
        context.registerService(
                Handler.class,
                handler,
                FrameworkUtil.asDictionary(
                        Map.of(HttpContribution.PATH, "/stream", HttpContribution.ROLES, new String[] {"owner"})));
        Consumer<String> push =
                text -> open.forEach(response -> response.write(false, ByteBuffer.wrap(line(text)), Callback.NOOP));
        context.registerService(Consumer.class, push, FrameworkUtil.asDictionary(Map.of("test", "push")));
    }

    @Override
    public void stop(BundleContext context) {}

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
