package dev.viber.plugins;

import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.PluginSignature;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose plugins this viber lets in: a file in the folder for each publisher, named after the key's id, which is the key.
 * Looked at each time, so that a key put in or taken out counts at once.
 */
final class Trust {
    private static final Logger LOG = LoggerFactory.getLogger(Trust.class);

    private final Path folder;
    private final boolean allowUnsigned;

    Trust(Path folder, boolean allowUnsigned) {
        this.folder = folder;
        this.allowUnsigned = allowUnsigned;
        if (allowUnsigned) {
            LOG.warn("PLUGINS NEED NO SIGNATURE HERE: --allow-unsigned lets anybody's code run in this process;"
                    + " it is meant for development");
        }
    }

    /** Refuses a jar whose signature is not that of a trusted key over its digest. */
    void check(String what, String digest, @Nullable String text) throws PluginFailure {
        if (text == null) {
            if (allowUnsigned) {
                LOG.warn("{} IS NOT SIGNED and is let in all the same, because of --allow-unsigned", what);
                return;
            }
            throw new PluginFailure(
                    "%s is not signed; wanted the signature of a key that this viber trusts".formatted(what)
                            + " (viber plugin sign, viber plugin trust)");
        }
        PluginSignature signature;
        try {
            signature = PluginSignature.parse(text);
        } catch (IllegalArgumentException e) {
            throw new PluginFailure("%s: %s".formatted(what, e.getMessage()));
        }
        if (!signature.signs(JarFolder.bytes(digest))) {
            throw new PluginFailure(
                    "the signature does not fit %s: the jar was changed after it was signed, or it is".formatted(what)
                            + " another jar's");
        }
        if (!Files.isRegularFile(folder.resolve(signature.keyId()))) {
            throw new PluginFailure("%s is signed by %s, whom this viber does not trust; on its machine: viber plugin"
                            .formatted(what, signature.keyId())
                    + " trust " + signature.keyId());
        }
    }
}
