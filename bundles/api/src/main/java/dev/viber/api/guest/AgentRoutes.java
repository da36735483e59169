package dev.viber.api.guest;

/**
 * How a bundle adds paths to the agent's HTTP listener: it registers the JDK's {@code com.sun.net.httpserver.HttpHandler} as
 * a service with the property {@link #PATH}.
 *
 * <pre>{@code
 * @Component(service = HttpHandler.class, property = AgentRoutes.PATH + "=/v1")
 * }</pre>
 *
 * <p>The longest prefix wins. While a handler is being replaced, its requests wait for the next one.
 */
public final class AgentRoutes {
    /** The service property: one path prefix or several, each with a slash before and none behind it. */
    public static final String PATH = "dev.viber.guest.path";

    private AgentRoutes() {}
}
