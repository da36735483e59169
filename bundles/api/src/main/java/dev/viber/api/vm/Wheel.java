package dev.viber.api.vm;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Who drives the browser of a microVM: its tasks, or one person who took over.
 *
 * <p>Whoever passes a task's calls on to a guest asks here first, and waits while a person drives.
 */
@ProviderType
public interface Wheel {
    /** The request header that holds the driver's key: calls that bear it are the driver's own and wait for nobody. */
    String KEY = "Viber-Wheel";

    /**
     * The person who drives.
     *
     * @param name the name of their token, or its id
     */
    record Driver(String name, Instant since) {}

    /** Who drives this VM's browser now; empty where no person does. */
    Optional<Driver> driver(String vm);

    /**
     * Waits while a person drives this VM's browser, for as long as a call may wait.
     *
     * @param key the driver's key; null for none
     * @return who still drives after that; empty where the way is clear
     */
    Optional<Driver> await(String vm, @Nullable String key) throws InterruptedException;

    /** A call was passed on that may have changed which tab of this VM's browser is the active one. */
    void tabsChanged(String vm);
}
