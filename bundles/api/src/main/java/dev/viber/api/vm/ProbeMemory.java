package dev.viber.api.vm;

import dev.viber.api.vm.Hypervisor.Probe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a probe found, for one boot of the host and one program: in memory, and in a file over restarts.
 *
 * <p>Only what can run is kept: where nothing can, the next question looks again, for somebody may have installed it.
 */
public final class ProbeMemory {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path KVM = Path.of("/dev/kvm");

    private final @Nullable Path file;
    private @Nullable String key;
    private @Nullable Probe found;

    /**
     * A memory.
     *
     * @param file null for memory alone; its folder is made when needed
     */
    public ProbeMemory(@Nullable Path file) {
        this.file = file;
    }

    /** What a finding depends on: this boot, this program as it lies there, and whether KVM may be used. */
    public static String key(Path program) throws IOException {
        String boot = Files.exists(BOOT) ? Files.readString(BOOT).strip() : "unknown";
        Path real = program.toRealPath();
        return "%s %s %d %d %s"
                .formatted(
                        boot,
                        real,
                        Files.size(real),
                        Files.getLastModifiedTime(real).toMillis(),
                        mayUseKvm());
    }

    /** Whether this process may open {@code /dev/kvm}; that says nothing of what it is worth. */
    public static boolean mayUseKvm() {
        return Files.isReadable(KVM) && Files.isWritable(KVM);
    }

    /** What was found under this key; null for nothing. */
    public synchronized @Nullable Probe get(String wanted) {
        if (wanted.equals(key)) {
            return found;
        }
        if (file == null || !Files.exists(file)) {
            return null;
        }
        Properties kept = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            kept.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return null; // as good as not there: it is found out anew and written over
        }
        String accelerator = kept.getProperty("accelerator");
        if (!wanted.equals(kept.getProperty("key")) || accelerator == null) {
            return null;
        }
        key = wanted;
        found = new Probe(accelerator, kept.getProperty("version"), kept.getProperty("reason", ""));
        return found;
    }

    /** Keeps what was found under this key. */
    public synchronized void put(String under, Probe probe) {
        String accelerator = probe.accelerator();
        if (accelerator == null) {
            return;
        }
        key = under;
        found = probe;
        if (file == null) {
            return;
        }
        Properties kept = new Properties();
        kept.setProperty("key", under);
        kept.setProperty("accelerator", accelerator);
        kept.setProperty("reason", probe.reason());
        String version = probe.version();
        if (version != null) {
            kept.setProperty("version", version);
        }
        try {
            Path whole = file.toAbsolutePath();
            Path folder = whole.getParent();
            Files.createDirectories(folder == null ? whole : folder);
            Path fresh = Files.createTempFile(folder, "probe", ".new");
            try (var out = Files.newBufferedWriter(fresh)) {
                kept.store(out, "What can run here; found out anew when it is gone.");
            }
            Files.move(fresh, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep what was probed in %s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
