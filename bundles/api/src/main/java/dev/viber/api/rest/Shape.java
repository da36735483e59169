package dev.viber.api.rest;

import dev.viber.api.task.TaskDesk.Page;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * What a body is, generics included.
 *
 * @param raw the class; {@link Void} for no body
 * @param arguments its type arguments; empty for none
 * @param <T> the type
 */
@SuppressWarnings("UnusedTypeParameter") // it types the routes; Java keeps no other trace of it
public record Shape<T>(Class<?> raw, List<Class<?>> arguments) {
    /** No body. */
    public static final Shape<Void> NONE = new Shape<>(Void.class, List.of());

    /** Any JSON object. */
    public static final Shape<Map<String, Object>> OBJECT = new Shape<>(Map.class, List.of(String.class, Object.class));

    /** The bytes of a Java archive. */
    public static final Shape<InputStream> JAR = new Shape<>(InputStream.class, List.of());

    /** Bytes of any kind, streamed. */
    public static final Shape<byte[]> BYTES = new Shape<>(byte[].class, List.of());

    /** A class without type arguments. */
    public static <T> Shape<T> of(Class<T> type) {
        return new Shape<>(type, List.of());
    }

    /** A list, all of it. */
    public static <T> Shape<List<T>> list(Class<T> item) {
        return new Shape<>(List.class, List.of(item));
    }

    /** A page of a list. */
    public static <T> Shape<Page<T>> page(Class<T> item) {
        return new Shape<>(Page.class, List.of(item));
    }

    /** The media type of such a body. */
    public String mediaType() {
        return equals(JAR) ? "application/java-archive" : equals(BYTES) ? "*/*" : "application/json";
    }

    /** Whether it is bytes as they are, and not JSON. */
    public boolean isBytes() {
        return equals(JAR) || equals(BYTES);
    }
}
