package dev.viber.api.net;

import java.io.IOException;
import java.net.URI;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * How a viber speaks HTTP with its gateway: at the address, with the token and with the trust that its socket is dialled with.
 * A service of viber's controller, there for as long as it has a gateway.
 *
 * <pre>{@code
 * HttpRequest.newBuilder(URI.create(gateway.base() + "/api/v1/browsers"))
 *     .header("Authorization", "Bearer " + gateway.token())
 * }</pre>
 */
@ProviderType
public interface GatewayAccess {
    /** What the gateway's paths are put behind, such as {@code https://viber.example.org:7777}, without a slash at the end. */
    URI base();

    /**
     * The viber's token as it is now, since it may have been renewed; null for none.
     *
     * @throws IOException where the file that holds it cannot be read
     */
    @Nullable
    String token() throws IOException;

    /**
     * What the gateway's certificate is held to, the same object for as long as that stays the same; null for what Java
     * trusts.
     *
     * @throws IOException where the file of certificates cannot be read; the message names it
     */
    @Nullable
    SSLContext trust() throws IOException;
}
