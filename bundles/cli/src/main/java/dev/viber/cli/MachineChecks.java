package dev.viber.cli;

import dev.viber.cli.DoctorCommand.Finding;
import dev.viber.cli.DoctorCommand.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What {@code viber doctor} looks at on this machine. */
final class MachineChecks {
    private static final int JAVA = 25;
    private static final int PORT = 7777;
    private static final long MEBIBYTE = 1024L * 1024;
    private static final long SCARCE = 100 * MEBIBYTE;
    private static final long LOW = 1024 * MEBIBYTE;
    private static final Set<PosixFilePermission> OWNER = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private MachineChecks() {}

    static List<Finding> all(Discovery discovery) {
        List<Finding> out = new ArrayList<>();
        out.add(java());
        out.add(nativeAccess());
        out.add(port(discovery));
        Set<Path> folders = new java.util.LinkedHashSet<>(List.of(discovery.serverState(), discovery.viberState()));
        for (Path folder : folders) {
            out.add(permissions(folder));
            out.add(disk(folder));
        }
        return out;
    }

    private static Finding java() {
        int version = Runtime.version().feature();
        String found = "Java " + Runtime.version() + " in " + System.getProperty("java.home");
        return version >= JAVA
                ? new Finding("java", Verdict.OK, found, "")
                : new Finding(
                        "java", Verdict.FAIL, found, "install Java " + JAVA + " or newer, or set JAVA_HOME to it");
    }

    private static Finding nativeAccess() {
        return Main.class.getModule().isNativeAccessEnabled()
                ? new Finding("native access", Verdict.OK, "allowed", "")
                : new Finding(
                        "native access",
                        Verdict.WARN,
                        "not allowed; the store's library will print warnings",
                        "start by bin/viber, or add --enable-native-access=ALL-UNNAMED");
    }

    private static Finding port(Discovery discovery) {
        String check = "port " + PORT;
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
            return new Finding(check, Verdict.OK, "free", "");
        } catch (IOException e) {
            String running = discovery.running();
            return running != null && running.contains(":" + PORT)
                    ? new Finding(check, Verdict.OK, "taken by the server of " + discovery.serverState(), "")
                    : new Finding(
                            check,
                            Verdict.WARN,
                            "taken by another process (" + e.getMessage() + ")",
                            "see who listens with 'ss -ltnp', or start with --listen 127.0.0.1:0");
        }
    }

    static Finding permissions(Path folder) {
        String check = "state folder";
        if (!Files.exists(folder)) {
            return new Finding(check, Verdict.OK, folder + " is not there yet; the first start makes it", "");
        }
        if (!Files.isDirectory(folder)) {
            return new Finding(
                    check, Verdict.FAIL, folder + " is no folder", "name another with --state or VIBER_STATE");
        }
        if (!Files.isWritable(folder)) {
            return new Finding(
                    check,
                    Verdict.FAIL,
                    folder + " cannot be written",
                    "make it yours (chown), or name another: --state");
        }
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
            return OWNER.containsAll(permissions)
                    ? new Finding(check, Verdict.OK, folder + " is its owner's alone", "")
                    : new Finding(
                            check,
                            Verdict.WARN,
                            folder + " is open to others (" + PosixFilePermissions.toString(permissions) + ")",
                            "chmod 700 " + folder);
        } catch (IOException | UnsupportedOperationException e) {
            return new Finding(check, Verdict.WARN, folder + ": permissions cannot be read: " + e.getMessage(), "");
        }
    }

    private static Finding disk(Path folder) {
        Path there = folder;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace();
            String found = free / MEBIBYTE + " MiB free for " + folder;
            if (free >= LOW) {
                return new Finding("disk", Verdict.OK, found, "");
            }
            return new Finding(
                    "disk", free < SCARCE ? Verdict.FAIL : Verdict.WARN, found, "make room, or name another: --state");
        } catch (IOException e) {
            return new Finding("disk", Verdict.WARN, "free space of " + there + " is unknown: " + e.getMessage(), "");
        }
    }
}
