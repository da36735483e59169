package dev.viber.auth;

import dev.viber.api.auth.DeviceGrants;
import dev.viber.api.auth.Guesses;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.DeviceGrantRow;
import dev.viber.api.viber.ViberDesk;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;
import tools.jackson.databind.json.JsonMapper;

/** Device grants in the gateway's store: they outlive a restart, their codes are there as hashes alone. */
@Component(service = DeviceGrants.class, configurationPid = AuthSettings.PID)
public final class DeviceDesk implements DeviceGrants {
    private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern CAPABILITY = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final int MOST_CAPABILITIES = 32;
    private static final int MOST_NAME = 200;
    private static final Duration REMEMBERED = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gate<Store> store = new Gate<>("store of the gateway", PATIENCE);
    private final Gate<ViberDesk> vibers = new Gate<>("viber desk", PATIENCE);
    private final Guesses guesses;
    private final InstantSource clock;
    private final Duration lifetime;
    private final int perAddress;
    private final int most;
    private final Pace pace;

    /** Made by Declarative Services. */
    @Activate
    public DeviceDesk(AuthSettings config, @Reference Guesses guesses) {
        this(config, guesses, InstantSource.system());
    }

    DeviceDesk(AuthSettings config, Guesses guesses, InstantSource clock) {
        this.guesses = guesses;
        this.clock = clock;
        this.lifetime = Duration.ofSeconds(Math.clamp(config.device_seconds(), 10, 3_600));
        this.perAddress = config.device_per_address();
        this.most = config.device_most();
        this.pace = new Pace(Duration.ofSeconds(Math.clamp(config.device_interval(), 1, 60)), 2 * most);
    }

    @Reference(
            target = "(" + Store.ROLE + "=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStore(Store found) {
        store.open(found);
    }

    void unbindStore(Store gone) {
        store.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindVibers(ViberDesk found) {
        vibers.open(found);
    }

    void unbindVibers(ViberDesk gone) {
        vibers.close(gone);
    }

    @Override
    public Promise<Started> start(Ask ask) {
        check(ask);
        Instant now = clock.instant();
        String deviceCode = Secrets.newSecret();
        String caller = guesses.caller(ask.address());
        String viberId = ask.viberId() != null ? ask.viberId() : newViberId(ask.name());
        return store.callAsync(s -> s.write(tables -> {
            Tables.DeviceGrants grants = tables.deviceGrants();
            grants.purge(now.minus(REMEMBERED));
            if (grants.count(caller) >= perAddress || grants.count(null) >= most) {
                throw new ProblemException(
                        Kind.TOO_MANY,
                        "Too many logins are under way; try again in a minute",
                        Map.of(Guesses.RETRY_AFTER, 60L));
            }
            String userCode = Secrets.newUserCode();
            while (grants.findByUserCode(userHash(userCode)).isPresent()) {
                userCode = Secrets.newUserCode();
            }
            grants.put(new DeviceGrantRow(
                    Secrets.hash(deviceCode),
                    userHash(userCode),
                    ask.clientId(),
                    viberId,
                    Objects.requireNonNullElse(ask.name(), viberId),
                    JSON.writeValueAsString(ask.capabilities()),
                    caller,
                    "pending",
                    now,
                    now.plus(lifetime)));
            return new Started(deviceCode, userCode, viberId, lifetime, pace.interval());
        }));
    }

    private static void check(Ask ask) {
        require(CLIENT.matcher(ask.clientId()).matches(), "client_id", "1 to 64 letters, digits, '.', '_' and '-'");
        String id = ask.viberId();
        require(id == null || id.matches(ViberDesk.ID_PATTERN), "viber_id", ViberDesk.ID_PATTERN);
        String name = ask.name();
        require(
                name == null
                        || (!name.isBlank()
                                && name.length() <= MOST_NAME
                                && name.chars().noneMatch(Character::isISOControl)),
                "viber_name",
                "a text of at most %d characters in one line".formatted(MOST_NAME));
        require(
                ask.capabilities().size() <= MOST_CAPABILITIES
                        && ask.capabilities().stream()
                                .allMatch(word -> CAPABILITY.matcher(word).matches()),
                "capabilities",
                "at most %d words such as 'file', with spaces between them".formatted(MOST_CAPABILITIES));
    }

    private static void require(boolean right, String parameter, String wanted) {
        if (!right) {
            throw new ProblemException(
                    Kind.INVALID,
                    "%s is wrong; wanted %s".formatted(parameter, wanted),
                    Map.of("parameter", parameter));
        }
    }

    private static String newViberId(@Nullable String name) {
        String host = name == null
                ? ""
                : name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        String middle = host.isEmpty() ? "" : host.substring(0, Math.min(40, host.length())) + "-";
        return "viber-" + middle + Secrets.letters(4).toLowerCase(Locale.ROOT);
    }

    @Override
    public Request find(String userCode, String address) {
        String[] keys = keys(userCode, address);
        guesses.check(keys);
        Optional<DeviceGrantRow> found =
                store.call(s -> s.read(tables -> pending(tables, Secrets.plainUserCode(userCode))));
        if (found.isEmpty()) {
            guesses.wrong(keys);
            throw unknown();
        }
        return request(found.get());
    }

    @Override
    public Promise<Request> decide(String userCode, boolean allow, Principal by, String address) {
        Request asked = find(userCode, address);
        if (allow) {
            try {
                Promise<?> made = vibers.callAsync(desk -> desk.ensure(asked.viberId(), asked.name()));
                made.getValue();
            } catch (java.lang.reflect.InvocationTargetException e) {
                return Promises.failed(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Promises.failed(e);
            }
        }
        return store.callAsync(s -> s.write(tables -> {
            DeviceGrantRow row =
                    pending(tables, Secrets.plainUserCode(userCode)).orElseThrow(DeviceDesk::unknown);
            tables.deviceGrants()
                    .put(new DeviceGrantRow(
                            row.deviceHash(),
                            row.userHash(),
                            row.clientId(),
                            row.viberId(),
                            row.name(),
                            row.capabilities(),
                            row.address(),
                            allow ? "approved" : "denied",
                            row.createdAt(),
                            row.expiresAt()));
            return request(row);
        }));
    }

    @Override
    public Promise<Poll> poll(String clientId, String deviceCode) {
        String hash = Secrets.hash(deviceCode);
        DeviceGrantRow row = store.call(
                        s -> s.read(tables -> tables.deviceGrants().find(hash)))
                .filter(found -> found.clientId().equals(clientId))
                .orElse(null);
        Instant now = clock.instant();
        if (row == null) {
            return refused(Reason.INVALID_GRANT);
        }
        if (!now.isBefore(row.expiresAt())) {
            return refused(Reason.EXPIRED_TOKEN);
        }
        return switch (row.state()) {
            case "denied" -> refused(Reason.ACCESS_DENIED);
            case "approved" -> grant(hash);
            default -> refused(pace.isTooFast(hash, now) ? Reason.SLOW_DOWN : Reason.AUTHORIZATION_PENDING);
        };
    }

    private Promise<Poll> grant(String hash) {
        return store.callAsync(s -> s.write(tables -> {
            DeviceGrantRow row = tables.deviceGrants().find(hash).orElse(null);
            if (row == null) {
                return new Poll.Refused(Reason.INVALID_GRANT);
            }
            // The code is used up in the same change that makes the token: it is there once, or not at all.
            tables.deviceGrants().delete(hash);
            Keys.Fresh fresh = Keys.make(Role.VIBER, row.viberId(), row.name(), null);
            tables.tokens().put(fresh.row());
            return new Poll.Granted(fresh.issued());
        }));
    }

    private static Promise<Poll> refused(Reason reason) {
        return Promises.resolved(new Poll.Refused(reason));
    }

    private Optional<DeviceGrantRow> pending(Tables tables, Optional<String> code) {
        return code.flatMap(plain -> tables.deviceGrants().findByUserCode(Secrets.hash(plain)))
                .filter(row -> row.state().equals("pending") && clock.instant().isBefore(row.expiresAt()));
    }

    private String[] keys(String userCode, String address) {
        return new String[] {
            "code-from/" + guesses.caller(address),
            "code/" + Secrets.plainUserCode(userCode).map(Secrets::hash).orElse("")
        };
    }

    private static String userHash(String userCode) {
        return Secrets.hash(Secrets.plainUserCode(userCode).orElseThrow());
    }

    private static ProblemException unknown() {
        return new ProblemException(
                Kind.NOT_FOUND, "No login waits with this code; it may have expired or be decided already");
    }

    private static Request request(DeviceGrantRow row) {
        return new Request(
                row.clientId(),
                row.viberId(),
                row.name(),
                List.copyOf(Arrays.asList(JSON.readValue(row.capabilities(), String[].class))),
                row.address(),
                row.createdAt(),
                row.expiresAt());
    }
}
