package dev.viber.auth;

import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.Guesses;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TokenRow;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Issues tokens, keeps their hashes in the gateway's store and tells who holds one. */
@Component(
        service = {Authenticator.class, Tokens.class},
        configurationPid = AuthSettings.PID)
@Designate(ocd = AuthSettings.class)
public final class TokenDesk implements Authenticator, Tokens {
    private static final Logger LOG = LoggerFactory.getLogger(TokenDesk.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int MOST_RECENT = 10_000;

    private final OwnerToken ownerToken;
    private final Guesses guesses;
    private final Gate<Store> store = new Gate<>("store of the gateway", PATIENCE);
    private final List<RevocationListener> listeners = new CopyOnWriteArrayList<>();
    private final Expiries expiries = new Expiries(this::expired);
    // Hashes of tokens seen valid: those who work go on working, whatever strangers at the same address guess.
    private final Map<String, Boolean> recent = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_RECENT;
        }
    };

    /** Made by Declarative Services. */
    @Activate
    public TokenDesk(AuthSettings config, @Reference Guesses guesses) {
        ownerToken = new OwnerToken(Path.of(config.owner_token_file()));
        this.guesses = guesses;
    }

    @Deactivate
    void deactivate() {
        expiries.close();
    }

    @Reference(
            target = "(" + Store.ROLE + "=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        found.write(tables -> {
                    ownerToken.ensureKnown(tables);
                    return tables.tokens().list(null);
                })
                .onSuccess(expiries::watch)
                .onFailure(e -> LOG.error("the owner token could not be made sure of: {}", e.getMessage(), e));
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindListener(RevocationListener listener) {
        listeners.add(listener);
    }

    void unbindListener(RevocationListener listener) {
        listeners.remove(listener);
    }

    @Override
    public Optional<Principal> authenticate(String bearerToken) {
        return opened(bearerToken, Secrets.hash(bearerToken))
                .filter(row -> Keys.isValid(row, Instant.now()))
                .map(Keys::principal);
    }

    @Override
    public Optional<Principal> authenticate(String bearerToken, String address) {
        String hash = Secrets.hash(bearerToken);
        String[] keys = {
            "token-from/" + guesses.caller(address),
            "token/" + Secrets.idOf(bearerToken).orElse("")
        };
        if (!isRecent(hash)) {
            guesses.check(keys);
        }
        Optional<TokenRow> row = opened(bearerToken, hash);
        if (row.isEmpty()) {
            guesses.wrong(keys);
            return Optional.empty();
        }
        // The right secret of a token that is over is no guess: its holder is only told.
        if (!Keys.isValid(row.get(), Instant.now())) {
            return Optional.empty();
        }
        remember(hash);
        return row.map(Keys::principal);
    }

    private Optional<TokenRow> opened(String bearerToken, String hash) {
        return Secrets.idOf(bearerToken)
                .flatMap(id -> store.call(s -> s.read(tables -> tables.tokens().find(id))))
                .filter(row -> Keys.opens(row, hash, Instant.now()));
    }

    private boolean isRecent(String hash) {
        synchronized (recent) {
            return recent.containsKey(hash);
        }
    }

    private void remember(String hash) {
        synchronized (recent) {
            recent.put(hash, true);
        }
    }

    @Override
    public Promise<Issued> issue(
            Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime) {
        Keys.Fresh fresh = Keys.make(role, viberId, name, lifetime);
        return store.callAsync(s -> s.write(tables -> {
                    tables.tokens().put(fresh.row());
                    return fresh.issued();
                }))
                .onSuccess(issued -> expiries.watch(List.of(fresh.row())));
    }

    @Override
    public Promise<Issued> issueOnce(
            Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime, String once) {
        Keys.Fresh fresh = Keys.make(role, viberId, name, lifetime, Secrets.idFrom(once), Secrets.tokenFrom(once));
        TokenRow row = fresh.row();
        return store.callAsync(s -> s.write(tables -> {
                    TokenRow had = tables.tokens().find(row.id()).orElse(null);
                    if (had == null) {
                        tables.tokens().put(row);
                    } else if (role != had.role()
                            || !Objects.equals(viberId, had.viberId())
                            || !Objects.equals(name, had.name())
                            || !Objects.equals(lifetime(row), lifetime(had))) {
                        throw new ProblemException(
                                Kind.CONFLICT,
                                "The idempotency key was used for another token, '%s'".formatted(row.id()));
                    }
                    return fresh.issued();
                }))
                .onSuccess(issued -> expiries.watch(List.of(row)));
    }

    private static @Nullable Duration lifetime(TokenRow row) {
        Instant end = row.expiresAt();
        return end == null ? null : Duration.between(row.createdAt(), end);
    }

    @Override
    public List<Token> list(@Nullable String viberId) {
        return store.call(s -> s.read(tables -> tables.tokens().list(viberId))).stream()
                .map(Keys::token)
                .toList();
    }

    @Override
    public Optional<Token> byId(String tokenId) {
        return store.call(s -> s.read(tables -> tables.tokens().find(tokenId))).map(Keys::token);
    }

    @Override
    public Promise<Issued> rotate(String tokenId, Duration grace) {
        if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
            throw ProblemException.invalid(
                    "/grace", "/grace is %s; wanted nothing to %d days".formatted(grace, LONGEST_GRACE.toDays()));
        }
        String token = Secrets.newToken(tokenId);
        return store.callAsync(s -> s.write(tables -> rotate(tables, existing(tables, tokenId), token, grace)))
                .onSuccess(row -> {
                    if (grace.isZero()) {
                        tell(row);
                    }
                })
                .map(row -> new Issued(row.id(), row.viberId(), token));
    }

    private TokenRow rotate(Tables tables, TokenRow row, String token, Duration grace) {
        Instant now = Instant.now();
        if (!Keys.isValid(row, now)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "The token '%s' is %s; issue a new one"
                            .formatted(row.id(), row.revokedAt() != null ? "revoked" : "expired"));
        }
        TokenRow after = Keys.rotated(row, token, grace.isZero() ? null : now.plus(grace));
        if (ownerToken.isInFile(row.id())) {
            // The file first: where the commit does not follow, the next start takes the file's word for it.
            ownerToken.write(token);
        }
        tables.tokens().put(after);
        return after;
    }

    @Override
    public Promise<Token> revoke(String tokenId) {
        return store.callAsync(s -> s.write(tables -> revoked(tables, existing(tables, tokenId))))
                .onSuccess(this::tell)
                .map(Keys::token);
    }

    @Override
    public Promise<Integer> revokeAll(String viberId) {
        return store.callAsync(s -> s.write(tables -> tables.tokens().list(viberId).stream()
                        .filter(row -> row.revokedAt() == null)
                        .map(row -> revoked(tables, row))
                        .toList()))
                .onSuccess(rows -> rows.forEach(this::tell))
                .map(List::size);
    }

    private static TokenRow existing(Tables tables, String tokenId) {
        return tables.tokens().find(tokenId).orElseThrow(() -> ProblemException.notFound("token", tokenId));
    }

    private static TokenRow revoked(Tables tables, TokenRow row) {
        if (row.revokedAt() != null) {
            return row;
        }
        TokenRow after = Keys.revoked(row, Instant.now());
        tables.tokens().put(after);
        return after;
    }

    private void expired(String tokenId) {
        try {
            store.call(s -> s.read(tables -> tables.tokens().find(tokenId)))
                    .filter(row -> !Keys.isValid(row, Instant.now()))
                    .ifPresent(this::tell);
        } catch (RuntimeException e) {
            LOG.warn("what the expired token {} opened may stay open: {}", tokenId, e.toString());
        }
    }

    private void tell(TokenRow row) {
        Principal principal = Keys.principal(row);
        listeners.forEach(listener -> listener.revoked(principal));
    }
}
