package dev.viber.http.guest;

import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Knows the tokens of a map that the test holds: the token's secret is its id, its value its role. */
public final class TokenGuest implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        Map<String, String> roles = new ConcurrentHashMap<>();
        Authenticator authenticator = token -> Optional.ofNullable(roles.get(token))
                .map(role -> new Principal(token, Role.valueOf(role), role.equals("VIBER") ? "v-" + token : null));
        context.registerService(Authenticator.class, authenticator, null);
        context.registerService(Map.class, roles, FrameworkUtil.asDictionary(Map.of("test", "tokens")));
    }

    @Override
    public void stop(BundleContext context) {}
}
