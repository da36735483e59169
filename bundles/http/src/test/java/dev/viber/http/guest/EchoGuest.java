package dev.viber.http.guest;

import dev.viber.api.auth.Principal;
import dev.viber.api.http.HttpContribution;
import java.util.Map;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Answers at the path of its manifest with that path, the caller, and the kind of thread. */
public final class EchoGuest implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        String path = context.getBundle().getHeaders().get("Guest-Path");
        Handler handler = new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Principal caller = (Principal) request.getAttribute(HttpContribution.PRINCIPAL);
                String thread = Thread.currentThread().isVirtual() ? "virtual" : "platform";
                Content.Sink.write(response, true, path + " " + caller.tokenId() + " " + thread, callback);
                return true;
            }
        };
        context.registerService(
                Handler.class,
                handler,
                FrameworkUtil.asDictionary(Map.of(
                        HttpContribution.PATH, path, HttpContribution.ROLES, new String[] {"owner", "operator"})));
    }

    @Override
    public void stop(BundleContext context) {}
}
