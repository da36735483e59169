package dev.viber.api.rest;

import dev.viber.api.browser.BrowserRequest;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A browser to take from a pool. */
@SuppressWarnings("MemberName")
public record AcquireRequest(
        @About(
                value =
                        "The session's id; asked for again with it, the same browser is given. A new one where it is not there.",
                example = "\"checkout-17\"")
        @Text(pattern = BrowserRequest.ID_PATTERN)
        @Nullable
        String id,

        @About(value = "How long it may last, in seconds, at most as long as the pool allows.", example = "600")
        @Range(min = 1, max = 604_800)
        @Nullable
        Integer limit_s,

        @About(value = "How long to wait where all are taken, in seconds; 60 where it is not there.", example = "60")
        @Range(min = 0, max = 3600)
        @Nullable
        Integer patience_s) {
    private static final int LIMIT_S = 604_800;
    private static final int PATIENCE_S = 60;

    /** What is asked for, with what is usual where nothing was said. */
    public BrowserRequest request() {
        return new BrowserRequest(
                id == null ? UUID.randomUUID().toString() : id,
                Duration.ofSeconds(limit_s == null ? LIMIT_S : limit_s),
                Duration.ofSeconds(patience_s == null ? PATIENCE_S : patience_s),
                null,
                null);
    }
}
