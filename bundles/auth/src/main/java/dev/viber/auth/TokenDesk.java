package dev.viber.auth;

import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.TokenRow;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Issues tokens, keeps their hashes in the gateway's store and tells who holds one. */
@Component(
        service = {Authenticator.class, Tokens.class},
        configurationPid = "dev.viber.auth")
@Designate(ocd = TokenDesk.Config.class)
public final class TokenDesk implements Authenticator, Tokens {
    private static final Logger LOG = LoggerFactory.getLogger(TokenDesk.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** Where the owner's token lies. */
    @ObjectClassDefinition(name = "Viber tokens")
    public @interface Config {
        /** The file of the owner token, made at the first start with mode 0600. */
        String owner_token_file() default "owner.token";
    }

    private final OwnerToken ownerToken;
    private final Gate<Store> store = new Gate<>("store of the gateway", PATIENCE);
    private final List<RevocationListener> listeners = new CopyOnWriteArrayList<>();

    /** Made by Declarative Services. */
    @Activate
    public TokenDesk(Config config) {
        ownerToken = new OwnerToken(Path.of(config.owner_token_file()));
    }

    @Reference(
            target = "(" + Store.ROLE + "=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        found.write(tables -> {
                    ownerToken.ensureKnown(tables);
                    return true;
                })
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
        return Secrets.idOf(bearerToken)
                .flatMap(this::find)
                .filter(row -> Secrets.matches(bearerToken, row.hash()) && isValid(row, Instant.now()))
                .map(TokenDesk::principal);
    }

    @Override
    public Promise<Issued> issue(
            Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime) {
        if ((role == Role.VIBER) != (viberId != null)) {
            throw new IllegalArgumentException("a viber's token, and no other, is bound to a viber");
        }
        String id = Secrets.newId();
        String token = Secrets.newToken(id);
        Instant now = Instant.now();
        TokenRow row = new TokenRow(
                id, role, viberId, name, Secrets.hash(token), now, lifetime == null ? null : now.plus(lifetime), null);
        return store.callAsync(s -> s.write(tables -> {
            tables.tokens().put(row);
            return new Issued(id, viberId, token);
        }));
    }

    @Override
    public Promise<Issued> issueOnce(String viberId, @Nullable String name, @Nullable Duration lifetime, String once) {
        String token = Secrets.tokenFrom(once);
        String id = Secrets.idFrom(once);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant end = lifetime == null ? null : now.plusMillis(lifetime.toMillis());
        TokenRow row = new TokenRow(id, Role.VIBER, viberId, name, Secrets.hash(token), now, end, null);
        return store.callAsync(s -> s.write(tables -> {
            TokenRow had = tables.tokens().find(id).orElse(null);
            if (had == null) {
                tables.tokens().put(row);
            } else if (!viberId.equals(had.viberId())
                    || !Objects.equals(name, had.name())
                    || !Objects.equals(lifetime(row), lifetime(had))) {
                throw new ProblemException(
                        Kind.CONFLICT, "The idempotency key was used for another token, '%s'".formatted(id));
            }
            return new Issued(id, viberId, token);
        }));
    }

    private static @Nullable Duration lifetime(TokenRow row) {
        Instant end = row.expiresAt();
        return end == null ? null : Duration.between(row.createdAt(), end);
    }

    @Override
    public List<Token> list(@Nullable String viberId) {
        return store.call(s -> s.read(tables -> tables.tokens().list(viberId))).stream()
                .map(TokenDesk::token)
                .toList();
    }

    @Override
    public Promise<Token> revoke(String tokenId) {
        return store.callAsync(s -> s.write(tables -> revoked(
                        tables,
                        tables.tokens().find(tokenId).orElseThrow(() -> ProblemException.notFound("token", tokenId)))))
                .onSuccess(this::tell)
                .map(TokenDesk::token);
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

    private static TokenRow revoked(dev.viber.api.store.Tables tables, TokenRow row) {
        if (row.revokedAt() != null) {
            return row;
        }
        TokenRow after = new TokenRow(
                row.id(),
                row.role(),
                row.viberId(),
                row.name(),
                row.hash(),
                row.createdAt(),
                row.expiresAt(),
                Instant.now());
        tables.tokens().put(after);
        return after;
    }

    private void tell(TokenRow row) {
        Principal principal = principal(row);
        listeners.forEach(listener -> listener.revoked(principal));
    }

    private Optional<TokenRow> find(String id) {
        return store.call(s -> s.read(tables -> tables.tokens().find(id)));
    }

    private static boolean isValid(TokenRow row, Instant now) {
        Instant expiresAt = row.expiresAt();
        return row.revokedAt() == null && (expiresAt == null || now.isBefore(expiresAt));
    }

    private static Principal principal(TokenRow row) {
        return new Principal(row.id(), row.role(), row.viberId());
    }

    private static Token token(TokenRow row) {
        return new Token(
                row.id(), row.role(), row.viberId(), row.name(), row.createdAt(), row.expiresAt(), row.revokedAt());
    }
}
