package dev.viber.api.plugin;

import java.io.IOException;
import java.io.InputStream;
import org.osgi.annotation.versioning.ProviderType;

/** Where a viber's host gets jars that its gateway offers; whoever holds the connection and its token provides it. */
@ProviderType
public interface PluginSource {
    /** The gateway will not give the jar, whoever asks how often. */
    final class NotOfferedException extends IOException {
        private static final long serialVersionUID = 1L;

        /** With the gateway's reason. */
        public NotOfferedException(String message) {
            super(message);
        }
    }

    /**
     * Opens a jar; to be closed.
     *
     * @param href the path that came with the offer
     * @throws NotOfferedException where asking again is of no use
     * @throws IOException where the gateway cannot be reached now
     */
    InputStream open(String href) throws IOException, InterruptedException;
}
