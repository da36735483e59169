package dev.viber.browser.local;

import dev.viber.api.browser.Browsers.Probe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whether browsers can be had on this machine, and how many; what was found able once is not tried again. */
final class Ability {
    private static final long MEMORY_OF_ONE = 768L << 20;
    private static final int MOST = 16;
    /** Of a socket's whole path, to which a session adds this much of its own. */
    private static final int LONGEST_FOLDER = 107 - "/01234567/host/lifeline.sock".length();

    private final Settings settings;
    private final Confinement confinement;
    private final Path folder;
    private final int most;
    private volatile @Nullable Probe able;

    Ability(Settings settings, Confinement confinement, Path folder) {
        this.settings = settings;
        this.confinement = confinement;
        this.folder = folder;
        most = settings.sessions() > 0 ? settings.sessions() : byMemory();
    }

    /** How many at once. */
    int most() {
        return most;
    }

    Probe probe() throws InterruptedException {
        Probe known = able;
        if (known != null) {
            return known;
        }
        if (settings.folder().isEmpty()) {
            return new Probe(false, "browsers of this machine have no folder (dev.viber.browser.local: folder)");
        }
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return new Probe(false, "browsers of this machine are shut in by namespaces, which Linux alone has");
        }
        if (folder.toString().length() > LONGEST_FOLDER) {
            return new Probe(
                    false,
                    "the folder %s is too long for the unix sockets in it: wanted at most %d characters"
                            .formatted(folder, LONGEST_FOLDER));
        }
        try {
            confinement.check();
            Probe found = new Probe(
                    true,
                    "Chrome in namespaces of this machine, %s; no virtual machine, so they share its kernel; %d at once"
                            .formatted(confinement.words(), most));
            able = found;
            return found;
        } catch (IOException e) {
            return new Probe(false, "browsers of this machine: " + e.getMessage());
        }
    }

    private static int byMemory() {
        long bytes = ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getTotalMemorySize()
                : MEMORY_OF_ONE;
        return Math.clamp(bytes / MEMORY_OF_ONE, 1, MOST);
    }
}
