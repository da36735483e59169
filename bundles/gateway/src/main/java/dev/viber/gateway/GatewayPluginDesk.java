package dev.viber.gateway;

import dev.viber.api.plugin.JarFacts;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginDesk;
import dev.viber.api.plugin.PluginLifecycle;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.plugin.PluginLifecycle.Trigger;
import dev.viber.api.plugin.PluginSignature;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.PluginRow;
import dev.viber.api.store.Tables.ViberRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway's desk for plugins: keeps their jars, and tells vibers of them. */
final class GatewayPluginDesk implements PluginDesk {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayPluginDesk.class);
    /** Well below what clients wait for an answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private final Gateway gateway;
    private final JarFolder jars;
    private final long mostBytes;
    private final @Nullable String key;

    GatewayPluginDesk(Gateway gateway, JarFolder jars, long mostBytes) {
        this(gateway, jars, mostBytes, null);
    }

    private GatewayPluginDesk(Gateway gateway, JarFolder jars, long mostBytes, @Nullable String key) {
        this.gateway = gateway;
        this.jars = jars;
        this.mostBytes = mostBytes;
        this.key = key;
    }

    @Override
    public PluginDesk once(String givenKey) {
        return new GatewayPluginDesk(gateway, jars, mostBytes, givenKey);
    }

    /** Takes jars away that no plugin has any more; before anything is offered. */
    void sweep() {
        Set<String> used = gateway.read(tables -> tables.plugins().list(null).stream()
                .map(PluginRow::digest)
                .filter(digest -> digest.matches(JarFolder.DIGEST_PATTERN))
                .collect(Collectors.toSet()));
        try {
            jars.keepOnly(used);
        } catch (IOException e) {
            LOG.warn("jars nobody needs any more stay: {}", e.toString());
        }
    }

    @Override
    public List<Plugin> list(@Nullable String viberId) {
        return gateway.read(tables ->
                tables.plugins().list(viberId).stream().map(PluginStates::view).toList());
    }

    @Override
    public Optional<Plugin> find(String id) {
        return gateway.read(tables -> tables.plugins().find(id)).map(PluginStates::view);
    }

    @Override
    public Promise<Plugin> offer(
            @Nullable String viberId, InputStream jar, @Nullable String signature, boolean downgrade)
            throws IOException {
        String viber = gateway.read(tables -> taker(tables, viberId)).id();
        String checked = checked(signature);
        String digest = lay(jar);
        return offer(viber, facts(digest), digest, checked, downgrade);
    }

    @Override
    public Promise<Plugin> update(String id, InputStream jar, @Nullable String signature, boolean downgrade)
            throws IOException {
        PluginRow had = gateway.read(tables -> existing(tables, id));
        String checked = checked(signature);
        String digest = lay(jar);
        JarFacts facts = facts(digest);
        if (!facts.symbolicName().equals(had.symbolicName())) {
            throw new ProblemException(
                    Kind.INVALID,
                    "The jar is %s; wanted another version of %s".formatted(facts.symbolicName(), had.symbolicName()));
        }
        return offer(String.valueOf(had.viberId()), facts, digest, checked, downgrade);
    }

    private Promise<Plugin> offer(
            String viberId, JarFacts facts, String digest, @Nullable String signature, boolean downgrade)
            throws IOException {
        String offer = "o-" + UUID.randomUUID();
        long size = Files.size(jars.path(digest));
        gateway.plugins().answerTo(offer);
        return gateway.change((tables, effects) -> {
                    String id = PluginStates.id(facts.symbolicName(), viberId);
                    String asked = "%s %s %s %s".formatted(id, digest, signature, downgrade);
                    if (Once.isDoneOfPlugins(tables, key, viberId, "offer", asked)) {
                        return asBefore(offer, existing(tables, id));
                    }
                    taker(tables, viberId);
                    PluginRow row = offered(tables, viberId, facts, digest, signature, offer, downgrade);
                    PluginStates.put(tables, row);
                    new Orders(tables, effects).offerPlugin(viberId, row, size, downgrade);
                    return PluginStates.view(row);
                })
                .onFailure(e -> gateway.plugins().forget(offer));
    }

    /** What came of it when it was asked the first time; nobody is going to answer to this offer. */
    private Plugin asBefore(String offer, PluginRow row) {
        gateway.plugins().forget(offer);
        return PluginStates.view(row);
    }

    private Plugin gone(String offer, String id, String viberId) {
        gateway.plugins().forget(offer);
        Instant now = Instant.now();
        String name = id.substring(0, Math.max(0, id.lastIndexOf('@')));
        String state = Phase.REMOVED.word();
        return new Plugin(id, viberId, name, "0.0.0", "", state, List.of(), null, null, null, offer, now, now);
    }

    private PluginRow offered(
            Tables tables,
            String viberId,
            JarFacts facts,
            String digest,
            @Nullable String signature,
            String offer,
            boolean downgrade) {
        String id = PluginStates.id(facts.symbolicName(), viberId);
        PluginRow had = tables.plugins().find(id).orElse(null);
        String former = null;
        if (had != null) {
            Phase phase = Phase.of(had.state());
            if (PluginLifecycle.TABLE.find(phase, Trigger.OFFER).isEmpty()) {
                throw new ProblemException(
                        Kind.CONFLICT,
                        "Plugin %s is %s; wait until that is over, or remove it".formatted(id, phase.word()));
            }
            former = phase == Phase.ACTIVE ? Infos.json(Map.of("version", had.version())) : had.former();
            if (phase == Phase.ACTIVE && !downgrade && isOlder(facts.version(), had.version())) {
                throw new ProblemException(
                        Kind.CONFLICT,
                        "%s %s is older than %s, which serves; a downgrade has to be asked for (downgrade=true)"
                                .formatted(facts.symbolicName(), facts.version(), had.version()));
            }
        }
        Instant now = Instant.now();
        return new PluginRow(
                id,
                viberId,
                facts.symbolicName(),
                facts.version(),
                digest,
                Phase.OFFERED.word(),
                signature,
                jars.path(digest).toString(),
                former,
                had == null ? "[]" : had.services(),
                null,
                "gateway",
                offer,
                0,
                had == null ? now : had.createdAt(),
                now);
    }

    private static boolean isOlder(String version, String than) {
        return Version.parseVersion(version).compareTo(Version.parseVersion(than)) < 0;
    }

    private String lay(InputStream jar) throws IOException {
        try {
            return jars.lay(jar, mostBytes);
        } catch (JarFolder.TooLargeException e) {
            throw new ProblemException(Kind.TOO_LARGE, String.valueOf(e.getMessage()), Map.of("limit", mostBytes));
        }
    }

    private JarFacts facts(String digest) {
        try {
            return JarFacts.read(jars.path(digest));
        } catch (IOException e) {
            throw new ProblemException(Kind.INVALID, "The body cannot be a plugin: " + e.getMessage());
        }
    }

    // Whether it is a good one is for the viber to say: it alone knows whom it trusts.
    private static @Nullable String checked(@Nullable String signature) {
        if (signature == null) {
            return null;
        }
        try {
            return PluginSignature.parse(signature).toString();
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    Kind.INVALID, "Viber-Signature: " + e.getMessage(), Map.of("parameter", "Viber-Signature"));
        }
    }

    /** The viber that is to have a plugin, which must be one that takes them. */
    private static ViberRow taker(Tables tables, @Nullable String viberId) {
        if (viberId == null) {
            List<ViberRow> takers = tables.vibers().list(null, Integer.MAX_VALUE).stream()
                    .filter(row -> Infos.features(row.info()).contains(Orders.PLUGINS))
                    .toList();
            if (takers.size() != 1) {
                throw new ProblemException(
                        Kind.INVALID,
                        "viber names no viber, and there are %d that take plugins; wanted one of them"
                                .formatted(takers.size()),
                        Map.of("parameter", "viber"));
            }
            return takers.getFirst();
        }
        ViberRow row = tables.vibers().find(viberId).orElseThrow(() -> ProblemException.notFound("viber", viberId));
        Set<String> features = Infos.features(row.info());
        if (!features.contains(Orders.PLUGINS)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    row.connectedAt() == null
                            ? "Viber '%s' was never here: whether it takes plugins is not known".formatted(viberId)
                            : "Viber '%s' takes no plugins: it announces the features %s, not 'plugins'"
                                    .formatted(viberId, features));
        }
        return row;
    }

    private static PluginRow existing(Tables tables, String id) {
        return tables.plugins().find(id).orElseThrow(() -> ProblemException.notFound("plugin", id));
    }

    @Override
    public Promise<Plugin> remove(String id) {
        String offer = "o-" + UUID.randomUUID();
        gateway.plugins().answerTo(offer);
        return gateway.change((tables, effects) -> {
                    String viberId = id.substring(id.lastIndexOf('@') + 1);
                    if (Once.isDoneOfPlugins(tables, key, viberId, "remove", id)) {
                        return tables.plugins()
                                .find(id)
                                .map(row -> asBefore(offer, row))
                                .orElseGet(() -> gone(offer, id, viberId));
                    }
                    PluginRow had = existing(tables, id);
                    PluginLifecycle.TABLE.next(id, Phase.of(had.state()), Trigger.REMOVE, List.of());
                    PluginRow row = asked(PluginStates.inState(had, Phase.REMOVING, null), offer);
                    PluginStates.put(tables, row);
                    new Orders(tables, effects).removePlugin(viberId, row);
                    return PluginStates.view(row);
                })
                .onFailure(e -> gateway.plugins().forget(offer));
    }

    private static PluginRow asked(PluginRow row, String offer) {
        return new PluginRow(
                row.id(),
                row.viberId(),
                row.symbolicName(),
                row.version(),
                row.digest(),
                row.state(),
                row.signature(),
                row.location(),
                row.former(),
                row.services(),
                row.error(),
                row.source(),
                offer,
                row.attempts(),
                row.createdAt(),
                row.updatedAt());
    }

    @Override
    public Promise<Plugin> settled(Plugin asked) {
        if (Phase.of(asked.state()).isSettled()) {
            return PluginStates.answered(asked);
        }
        Promise<Plugin> answer = gateway.plugins().answerTo(asked.offer());
        boolean away = gateway.sessions().find(String.valueOf(asked.viberId())).isEmpty();
        return answer.timeout(away && !answer.isDone() ? 0 : PATIENCE.toMillis())
                .recover(failed -> failed.getFailure() instanceof TimeoutException ? asked : null)
                .onResolve(() -> gateway.plugins().forget(asked.offer()));
    }

    @Override
    public Optional<Path> jar(String viberId, String digest) {
        boolean offered = gateway.read(tables -> tables.plugins().list(viberId).stream()
                .anyMatch(row -> row.digest().equals(digest)));
        Path file = jars.path(digest);
        return offered && Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }
}
