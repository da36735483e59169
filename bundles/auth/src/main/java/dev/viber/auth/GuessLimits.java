package dev.viber.auth;

import dev.viber.api.auth.Guesses;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * A bucket of guesses per key, which fills up again over a minute. Keys are kept until their bucket is full or too many
 * others came after them, so that memory stays bounded.
 */
@Component(service = Guesses.class, configurationPid = AuthSettings.PID)
public final class GuessLimits implements Guesses {
    /** The most keys kept. */
    static final int MOST_KEYS = 10_000;

    private static final int PREFIX_BYTES = 8;

    /** What is left of the guesses at an instant. */
    private record Bucket(double left, long atMillis) {}

    private final InstantSource clock;
    private final double most;
    private final double perMilli;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST_KEYS;
        }
    };

    /** Made by Declarative Services. */
    @Activate
    public GuessLimits(AuthSettings config) {
        this(Math.clamp(config.guesses_per_minute(), 1, 1_000_000), InstantSource.system());
    }

    GuessLimits(int perMinute, InstantSource clock) {
        this.clock = clock;
        this.most = perMinute;
        this.perMilli = perMinute / 60_000.0;
    }

    @Override
    public synchronized void check(String... keys) {
        long now = clock.millis();
        for (String key : keys) {
            double left = left(key, now);
            if (left < 1) {
                long seconds = Math.max(1, (long) Math.ceil((1 - left) / perMilli / 1000));
                throw new ProblemException(
                        Kind.TOO_MANY,
                        "Too many wrong guesses; try again in %d s".formatted(seconds),
                        Map.of(RETRY_AFTER, seconds));
            }
        }
    }

    @Override
    public synchronized void wrong(String... keys) {
        long now = clock.millis();
        for (String key : keys) {
            buckets.put(key, new Bucket(Math.max(0, left(key, now) - 1), now));
        }
    }

    private double left(String key, long now) {
        Bucket bucket = buckets.get(key);
        if (bucket == null) {
            return most;
        }
        double left = Math.min(most, bucket.left + (now - bucket.atMillis) * perMilli);
        if (left >= most) {
            buckets.remove(key);
        }
        return left;
    }

    /** How many keys are kept. */
    synchronized int size() {
        return buckets.size();
    }

    /** How long until a guess is there again after all were used. */
    Duration pause() {
        return Duration.ofMillis((long) Math.ceil(1 / perMilli));
    }

    @Override
    public String caller(String address) {
        try {
            // An address as Jetty gives it is never looked up.
            InetAddress parsed = InetAddress.ofLiteral(address.replaceAll("^\\[|]$", ""));
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), PREFIX_BYTES)) + "::/64"
                    : parsed.getHostAddress();
        } catch (IllegalArgumentException e) {
            return address.length() > 64 ? address.substring(0, 64) : address;
        }
    }
}
