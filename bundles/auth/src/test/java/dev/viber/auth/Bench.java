package dev.viber.auth;

import dev.viber.api.store.Store;
import dev.viber.api.viber.ViberDesk;
import dev.viber.store.sqlite.SqliteStore;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.osgi.util.promise.Promises;

/** The parts of this bundle over a real store, with a clock that the test moves. */
final class Bench implements AutoCloseable, InstantSource {
    final SqliteStore store;
    final GuessLimits guesses;
    final TokenDesk tokens;
    final DeviceDesk devices;
    final AuditLog audit = new AuditLog(this);
    Instant now = Instant.now();

    Bench(Path folder, Map<String, Object> settings) {
        AuthSettings configured = annotation(AuthSettings.class, settings);
        store = new SqliteStore(annotation(
                SqliteStore.Config.class,
                Map.of("store", "gateway", "path", folder.resolve("state.db").toString())));
        guesses = new GuessLimits(configured.guesses_per_minute(), this);
        tokens = new TokenDesk(configured, guesses);
        devices = new DeviceDesk(configured, guesses, this);
        open(store);
    }

    private void open(Store opened) {
        tokens.bindStore(opened);
        devices.bindStore(opened);
        audit.bindStore(opened);
        devices.bindVibers((ViberDesk) Proxy.newProxyInstance(
                Bench.class.getClassLoader(),
                new Class<?>[] {ViberDesk.class},
                (proxy, method, arguments) -> method.getName().equals("ensure") ? Promises.resolved(null) : null));
    }

    static Map<String, Object> settings(Path folder) {
        return Map.of("owner_token_file", folder.resolve("owner.token").toString());
    }

    private static <A> A annotation(Class<A> type, Map<String, Object> values) {
        return type.cast(Proxy.newProxyInstance(
                Bench.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue())));
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public void close() {
        tokens.deactivate();
        store.close();
    }
}
