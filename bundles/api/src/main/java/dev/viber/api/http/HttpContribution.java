package dev.viber.api.http;

/**
 * The service properties by which a bundle contributes to the one HTTP listener.
 *
 * <p>An {@code org.eclipse.jetty.server.Handler} registered with {@link #PATH} serves that path and all below it; a
 * {@code jakarta.websocket.server.ServerEndpointConfig} serves its own path, and may carry an {@link UpgradeGuard} as
 * the user property {@link #GUARD}. Both vanish with their service; connections of others live on. The longest path
 * wins. Unless {@link #PUBLIC}, a valid bearer token whose role is among {@link #ROLES} is asked for before the
 * contribution sees the request, which then carries its {@code Principal} as the attribute {@link #PRINCIPAL}.
 *
 * <p>An endpoint configuration is built with a {@code Configurator} of the contributor's own (a plain {@code new
 * ServerEndpointConfig.Configurator()} will do): without one the builder looks for a default by ServiceLoader, which
 * finds nothing in a framework.
 *
 * <pre>{@code
 * @Component(service = Handler.class, property = {HttpContribution.PATH + "=/api/v1", HttpContribution.ROLES + "=owner"})
 * }</pre>
 */
public final class HttpContribution {
    /** Where the contribution is served: an absolute path without a slash at its end; {@code *} is any one segment. */
    public static final String PATH = "viber.http.path";
    /** The roles that may call, in lower case; several allowed. */
    public static final String ROLES = "viber.http.roles";
    /** {@code true} where no token is asked for. */
    public static final String PUBLIC = "viber.http.public";
    /** The request attribute, and WebSocket user property, that holds the {@code dev.viber.api.auth.Principal}. */
    public static final String PRINCIPAL = "viber.http.principal";
    /** The WebSocket user property that holds the address of who opened it, a {@code String}. */
    public static final String ADDRESS = "viber.http.address";
    /**
     * The request attribute in which a handler leaves the template of what was asked for, such as {@code
     * /api/v1/tasks/{taskId}}, so that figures need not tell every path apart.
     */
    public static final String TEMPLATE = "viber.http.template";
    /** The user property of an endpoint configuration that holds its {@link UpgradeGuard}. */
    public static final String GUARD = "viber.http.guard";
    /**
     * The user property of an endpoint configuration that is {@code true} where its text messages go to its
     * {@code MessageHandler.Whole<byte[]>}, as they came: whether they are UTF-8 is for the endpoint to check.
     */
    public static final String TEXT_AS_BYTES = "viber.http.text.as.bytes";

    private HttpContribution() {}
}
