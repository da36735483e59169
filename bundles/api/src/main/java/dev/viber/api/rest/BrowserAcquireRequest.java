package dev.viber.api.rest;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.vm.VmSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A browser that a viber asks for. */
@SuppressWarnings("MemberName")
public record BrowserAcquireRequest(
        @About(
                value =
                        "The session's id among those of this viber; asked for again with it, the same browser is given.",
                example = "\"01JC7Z\"")
        @Text(pattern = BrowserRequest.ID_PATTERN)
        String id,

        @About(value = "How long it may last, in seconds, at most as long as the pool allows.", example = "3600")
        @Range(min = 1, max = 604_800)
        @Nullable
        Integer limit_s,

        @About(value = "How long to wait where all are taken, in seconds; 60 where it is not there.", example = "300")
        @Range(min = 0, max = 3600)
        @Nullable
        Integer patience_s,

        @About(value = "The pool it is to come from; any that serves where it is not there.", example = "\"browsers\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        @Nullable
        String pool,

        @About("Networks and services it has to reach beside the internet; refused where the pool does not have them.")
        @Nullable
        List<String> egress) {
    /** What is asked for, with what is usual where nothing was said. */
    public BrowserRequest request() {
        BrowserRequest usual = new AcquireRequest(id, limit_s, patience_s).request();
        return new BrowserRequest(id, usual.limit(), usual.patience(), pool, egress);
    }
}
