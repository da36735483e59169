package dev.viber.api.tool;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Says whether a plugin is well; a plugin may register one beside its tools. Asked once, when a version has started: one
 * that is not well is rolled back to the version before.
 *
 * <pre>{@code
 * @Component
 * public final class Reachable implements PluginHealth {
 *     public void check() throws Exception {
 *         new Socket("db.example.org", 5432).close();
 *     }
 * }
 * }</pre>
 */
@ConsumerType
public interface PluginHealth {
    /** Returns where all is well, within ten seconds; throws what is wrong otherwise. */
    void check() throws Exception;
}
