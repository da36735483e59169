package dev.viber.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code viber doctor} looks at in the state folders. */
final class StateChecks {
    private static final long MEBIBYTE = 1024L * 1024;
    private static final long SCARCE = 100 * MEBIBYTE;
    private static final long LOW = 1024 * MEBIBYTE;
    private static final Set<PosixFilePermission> OWNER = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    /** What is its owner's alone by itself, by path in a state folder. */
    private static final List<String> SECRETS = List.of("owner.token", "token", "login.json", "run/viber.sock");
    /** What only the folder keeps from others. */
    private static final List<String> KEPT = List.of("state.db", "viber.db");

    private StateChecks() {}

    /** Each folder is its owner's alone. */
    static List<Finding> folders(Patient patient) {
        return patient.stateFolders().stream().map(StateChecks::folder).toList();
    }

    private static Finding folder(Path folder) {
        String name = "state folder";
        if (!Files.exists(folder)) {
            return Finding.skip(name, folder + " is not there yet; the first start makes it", "");
        }
        if (!Files.isDirectory(folder)) {
            return Finding.fail(name, folder + " is no folder", "name another with --state or VIBER_STATE");
        }
        if (!Files.isWritable(folder)) {
            return Finding.fail(
                    name,
                    folder + " cannot be written",
                    "make it yours (chown -R $(id -un) " + folder + "), or name another with --state");
        }
        String open = opened(folder);
        return open == null
                ? Finding.ok(name, folder + " is its owner's alone")
                : Finding.warn(name, folder + " is open to others (" + open + ")", "chmod 700 " + folder);
    }

    /** What is secret in them is its owner's alone. */
    static List<Finding> secrets(Patient patient) {
        List<Finding> out = new ArrayList<>();
        for (Path folder : patient.stateFolders()) {
            boolean isClosed = opened(folder) == null;
            List<String> found = new ArrayList<>();
            for (String each : isClosed
                    ? SECRETS
                    : Stream.concat(SECRETS.stream(), KEPT.stream()).toList()) {
                Path file = folder.resolve(each);
                if (Files.exists(file)) {
                    found.add(each);
                    secret(file, isClosed, out);
                }
            }
            if (!found.isEmpty() && out.isEmpty()) {
                out.add(Finding.ok("secrets", "in %s: %s".formatted(folder, String.join(", ", found))));
            }
        }
        return out;
    }

    private static void secret(Path file, boolean isClosed, List<Finding> out) {
        String open = opened(file);
        if (open != null && isClosed) {
            // What lies in a folder that only the owner can enter is out of reach all the same.
            out.add(Finding.warn("secrets", file + " is open to others (" + open + ")", "chmod 600 " + file));
        } else if (open != null) {
            out.add(Finding.fail(
                    "secrets",
                    "%s can be reached by others (%s)".formatted(file, open),
                    "chmod 600 %s, then exchange what was in it (%s)"
                            .formatted(file, Hint.command("token", "rotate"))));
        }
    }

    /** Who else may do something with it, as {@code rwxr-xr-x}; null for nobody, or where there are no such modes. */
    private static @Nullable String opened(Path path) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            return OWNER.containsAll(permissions) ? null : PosixFilePermissions.toString(permissions);
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /** There is room, and what is written is kept. */
    static List<Finding> disk(Patient patient) {
        return patient.stateFolders().stream().map(StateChecks::disk).toList();
    }

    private static Finding disk(Path folder) {
        Path there = folder;
        while (there.getParent() != null && !Files.isDirectory(there)) {
            there = there.getParent();
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace();
            String found = "%d MiB free for %s".formatted(free / MEBIBYTE, folder);
            if (free < SCARCE) {
                return Finding.fail("disk", found, "make room, or name another place with --state");
            }
            String sync = there.equals(folder) ? ", " + synced(folder) : "";
            return free >= LOW
                    ? Finding.ok("disk", found + sync)
                    : Finding.warn("disk", found + sync, "make room, or name another place with --state");
        } catch (IOException e) {
            return Finding.fail(
                    "disk",
                    "%s cannot keep what is written: %s".formatted(there, e.getMessage()),
                    "see whether it is full, read-only or broken (df, dmesg), or name another place with --state");
        }
    }

    private static String synced(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, ".doctor", ".probe");
        try (FileChannel channel = FileChannel.open(probe, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[4096]));
            long from = System.nanoTime();
            channel.force(true);
            return "fsync in %.1f ms".formatted((System.nanoTime() - from) / 1e6);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
