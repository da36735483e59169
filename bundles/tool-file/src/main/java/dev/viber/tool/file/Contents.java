package dev.viber.tool.file;

import dev.viber.tool.file.FileFacts.Kind;
import dev.viber.tool.file.Tree.Spot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Whole contents of files: read in pieces, replaced in one step. */
final class Contents {
    static final int CHUNK = 64 << 10;
    private static final int PERMISSIONS = 0x1ff;

    /** Writes the new content into a file that nobody sees yet. */
    @FunctionalInterface
    interface Filling {
        void into(OpenFile file) throws IOException, InterruptedException;
    }

    private Contents() {}

    /** At most so many bytes from a position on. */
    static byte[] read(OpenFile file, long position, long most, Pace pace) throws IOException, InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        while (all.size() < most) {
            pace.check();
            int wanted = (int) Math.min(chunk.length, most - all.size());
            int count = file.read(chunk, 0, wanted, position + all.size());
            if (count == 0) {
                break;
            }
            all.write(chunk, 0, count);
        }
        return all.toByteArray();
    }

    /**
     * Puts a file at the spot in one step: filled beside it, synced, renamed, the folder synced.
     *
     * @param like whose permissions it gets, null for those of a new file
     */
    static void put(Spot spot, boolean replace, @Nullable FileFacts like, Filling filling)
            throws IOException, InterruptedException {
        requireFileOrNothing(spot, replace);
        String beside = ".viber-%s.tmp".formatted(UUID.randomUUID());
        OpenFile file = spot.folder().create(beside);
        try {
            try (file) {
                filling.into(file);
                if (like != null && like.mode() >= 0) {
                    file.permit(like.mode() & PERMISSIONS);
                }
                file.sync();
            }
            spot.folder().rename(beside, spot.folder(), spot.name(), replace);
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                spot.folder().delete(beside, false);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        spot.folder().sync();
    }

    /** Puts these bytes at the spot; a file that was there leaves its permissions. */
    static void put(Spot spot, boolean replace, byte[] content, Pace pace) throws IOException, InterruptedException {
        put(spot, replace, spot.facts(), file -> {
            for (int at = 0; at < content.length; at += CHUNK) {
                pace.check();
                file.write(content, at, Math.min(CHUNK, content.length - at));
            }
        });
    }

    /** Refuses a spot where a file cannot go. */
    static void requireFileOrNothing(Spot spot, boolean replace) throws IOException {
        FileFacts there = spot.facts();
        if (there == null) {
            return;
        }
        String shown = spot.tree().shown(spot.path());
        if (!replace) {
            throw new FileAlreadyExistsException(shown);
        }
        if (there.kind() == Kind.DIRECTORY) {
            throw new FileSystemException(shown, null, LinuxTree.IS_FOLDER);
        }
        if (there.kind() == Kind.OTHER) {
            throw new FileSystemException(shown, null, LinuxTree.NOT_REGULAR);
        }
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
