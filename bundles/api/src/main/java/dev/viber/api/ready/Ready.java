package dev.viber.api.ready;

import java.util.Map;

/**
 * The mark of a part that is ready: registered as a service, with {@link #PART} as a property, for as long as it is.
 *
 * <pre>{@code
 * context.registerService(Ready.class, new Ready("gateway", Map.of()), FrameworkUtil.asDictionary(Map.of(Ready.PART, "gateway")));
 * }</pre>
 *
 * @param part {@code http}, {@code gateway}, {@code controller}...
 * @param facts what others may want to know of it, such as the address it listens on
 */
public record Ready(String part, Map<String, Object> facts) {
    /** The service property that holds the part's name. */
    public static final String PART = "part";
}
