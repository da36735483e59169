package dev.viber.rest;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What a route does; runs on a virtual thread and may block. */
@FunctionalInterface
interface Work<I, O> {
    /** Does it; every failure becomes a problem. */
    Answer<O> apply(Call<I> call) throws Exception;

    /** What a route does where a stream of server-sent events is asked for; answers by itself. */
    @FunctionalInterface
    interface Stream {
        /** Streams until there is no more to come; completes the callback. */
        void serve(Call<?> call, Response response, Callback callback) throws Exception;
    }

    /**
     * An answer.
     *
     * @param body written as JSON; null where there is none, or {@code raw} is it
     * @param raw JSON as bytes; null where {@code body} is it
     * @param file whose bytes are the answer; null where there is none
     */
    record Answer<O>(
            int status,
            @Nullable O body,
            @Nullable ByteBuffer raw,
            @Nullable Path file,
            Map<String, String> headers) {
        Answer(int status, @Nullable O body, @Nullable ByteBuffer raw, Map<String, String> headers) {
            this(status, body, raw, null, headers);
        }

        static <O> Answer<O> of(int status, O body) {
            return new Answer<>(status, body, null, Map.of());
        }

        static <O> Answer<O> raw(ByteBuffer json) {
            return new Answer<>(200, null, json, Map.of());
        }

        static Answer<Void> none() {
            return none(204);
        }

        static Answer<Void> none(int status) {
            return new Answer<>(status, null, null, Map.of());
        }

        static Answer<InputStream> file(Path file) {
            return new Answer<>(200, null, null, file, Map.of());
        }
    }
}
