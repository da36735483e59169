package dev.viber.controller;

import com.sun.management.OperatingSystemMXBean;
import dev.viber.api.viber.MachineFigures;
import dev.viber.api.viber.MachineFigures.Amount;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This machine: what it is and how it is doing. */
final class Machine {
    private static final Logger LOG = LoggerFactory.getLogger(Machine.class);
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final Path state;

    /** The machine, whose disk is the one that holds this folder. */
    Machine(Path state) {
        this.state = state;
    }

    /** {@code linux|darwin|windows}, or what the system calls itself. */
    static String platform() {
        String name = System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) {
            return "darwin";
        }
        return name.startsWith("windows") ? "windows" : name;
    }

    /** {@code amd64|arm64}, or what the system calls it. */
    static String arch() {
        String name = System.getProperty("os.arch", "unknown");
        return switch (name) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }

    /** How it is now. */
    MachineFigures figures() {
        return new MachineFigures(
                SYSTEM.getCpuLoad(),
                SYSTEM.getAvailableProcessors(),
                new Amount(SYSTEM.getTotalMemorySize(), SYSTEM.getFreeMemorySize()),
                disk(),
                SYSTEM.getSystemLoadAverage(),
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
    }

    private Amount disk() {
        try {
            FileStore store = Files.getFileStore(state);
            return new Amount(store.getTotalSpace(), store.getUsableSpace());
        } catch (IOException e) {
            LOG.debug("the disk of {} cannot be measured", state, e);
            return new Amount(-1, -1);
        }
    }
}
