package dev.viber.api.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/** The device grant of RFC 8628: a viber asks, a person approves elsewhere, the viber fetches its token. */
@ProviderType
public interface DeviceGrants {
    /**
     * What is asked for.
     *
     * @param clientId the program that asks, {@code [A-Za-z0-9._-]{1,64}}
     * @param viberId the viber's id; null for one made here
     * @param name the viber's name for people, at most 200 characters; null for its id
     * @param capabilities what it says it can do, at most 32 words
     * @param address where the request came from
     */
    record Ask(
            String clientId,
            @Nullable String viberId,
            @Nullable String name,
            List<String> capabilities,
            String address) {}

    /**
     * What the viber is told.
     *
     * @param deviceCode the secret it polls with
     * @param userCode what the person types: eight letters with a dash
     * @param interval the least time between two polls
     */
    record Started(String deviceCode, String userCode, String viberId, Duration lifetime, Duration interval) {}

    /** A request as the person sees it. */
    record Request(
            String clientId,
            String viberId,
            String name,
            List<String> capabilities,
            String address,
            Instant createdAt,
            Instant expiresAt) {}

    /** What a poll comes to. */
    sealed interface Poll {
        /** The token, shown this once; the code is used up. */
        record Granted(Tokens.Issued issued) implements Poll {}

        /** Not yet, or not any more. */
        record Refused(Reason reason) implements Poll {}
    }

    /** The errors of RFC 8628, 3.5 and RFC 6749, 5.2, each with its word on the wire. */
    enum Reason {
        /** Nobody has decided yet. */
        AUTHORIZATION_PENDING,
        /** Polled too early: the interval is 5 s longer from now on. */
        SLOW_DOWN,
        /** The person said no. */
        ACCESS_DENIED,
        /** Nobody decided in time. */
        EXPIRED_TOKEN,
        /** There is no such code, it was used, or it is another client's. */
        INVALID_GRANT
    }

    /** Begins a grant; durable when the promise resolves. Fails with a problem where too many are under way. */
    Promise<Started> start(Ask ask);

    /**
     * The undecided request of a user code, whatever its case and dashes.
     *
     * @throws dev.viber.api.problem.ProblemException not found, or {@code TOO_MANY} after too many wrong ones
     */
    Request find(String userCode, String address);

    /** Approves or denies; durable when the promise resolves. Fails with a problem where there is no such request. */
    Promise<Request> decide(String userCode, boolean allow, Principal by, String address);

    /** Asks for the token. */
    Promise<Poll> poll(String clientId, String deviceCode);
}
