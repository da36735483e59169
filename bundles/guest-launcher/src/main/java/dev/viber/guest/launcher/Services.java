package dev.viber.guest.launcher;

import java.io.IOException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Services of bundles, whose types this side of the framework has not got, or has as classes of its own. */
final class Services {
    private Services() {}

    /** Fails where there is none. */
    static ServiceReference<?> find(BundleContext context, String type) throws IOException {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(type, null);
            // It is registered before it is made: only who asks for it learns whether that can be done.
            if (found != null && context.getService(found[0]) != null) {
                return found[0];
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a filter", e);
        }
        throw new IOException(type + " did not come up; the reason is told above");
    }
}
