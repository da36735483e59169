package dev.viber.browser.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A session's folder: {@code session} says what it is, for whoever finds it; {@code in/} is what its processes see as their
 * {@code /tmp}; {@code host/} holds the sockets that the host listens at, where they cannot change anything.
 */
record Place(Path folder) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final String FACTS = "session";

    /**
     * What is known of a session.
     *
     * @param process the first of its processes; null while it is being started
     * @param uid as which it runs
     * @param id whose it is; null while it is nobody's
     * @param agentPort of the loopback, 0 for none yet
     * @param egress what it may reach beside the internet
     */
    record Facts(
            @Nullable ProcessMark process,
            int uid,
            @Nullable String id,
            Instant since,
            Instant until,
            int agentPort,
            int devToolsPort,
            List<String> egress) {}

    /** Makes one of a new name below this folder. */
    static Place make(Path below, int uid, boolean owned) throws IOException {
        Files.createDirectories(below, OWNERS);
        byte[] name = new byte[4];
        RANDOM.nextBytes(name);
        Place place =
                new Place(Files.createDirectory(below.resolve(HexFormat.of().formatHex(name)), OWNERS));
        Files.createDirectory(place.inside(), OWNERS);
        Files.createDirectory(place.host());
        Files.setPosixFilePermissions(place.host(), PosixFilePermissions.fromString("rwxr-xr-x"));
        byte[] token = new byte[24];
        RANDOM.nextBytes(token);
        Files.writeString(place.inside().resolve("token"), HexFormat.of().formatHex(token));
        // The session's own is the session's to change.
        Files.copy(place.inside().resolve("token"), place.folder().resolve("token"));
        if (owned) {
            for (Path each : List.of(place.inside(), place.inside().resolve("token"))) {
                Files.setAttribute(each, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(each, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
            }
        }
        return place;
    }

    /** All below this folder. */
    static List<Place> all(Path below) throws IOException {
        if (!Files.isDirectory(below)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(below)) {
            return folders.filter(each -> Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
                    .map(Place::new)
                    .toList();
        }
    }

    String name() {
        return String.valueOf(folder.getFileName());
    }

    Path inside() {
        return folder.resolve("in");
    }

    Path host() {
        return folder.resolve("host");
    }

    /** The socket that leads to its agent. */
    Path agent() {
        return inside().resolve("agent.sock");
    }

    Path log() {
        return folder.resolve("agent.log");
    }

    String token() throws IOException {
        return Files.readString(folder.resolve("token"));
    }

    /** Writes down what it is, whole or not at all. */
    void write(Facts facts) throws IOException {
        Properties out = new Properties();
        ProcessMark process = facts.process();
        if (process != null) {
            out.setProperty("pid", Long.toString(process.pid()));
            out.setProperty("mark", process.mark());
        }
        if (facts.id() != null) {
            out.setProperty("id", facts.id());
        }
        out.setProperty("uid", Integer.toString(facts.uid()));
        out.setProperty("since", facts.since().toString());
        out.setProperty("until", facts.until().toString());
        out.setProperty("agent", Integer.toString(facts.agentPort()));
        out.setProperty("devtools", Integer.toString(facts.devToolsPort()));
        out.setProperty("egress", String.join(" ", facts.egress()));
        Path next = folder.resolve(FACTS + ".new");
        try (OutputStream file = Files.newOutputStream(next)) {
            out.store(file, null);
        }
        Files.move(next, folder.resolve(FACTS), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What was written down; null where it was not, or not by this version. */
    @Nullable
    Facts read() {
        Properties in = new Properties();
        try (InputStream file = Files.newInputStream(folder.resolve(FACTS))) {
            in.load(file);
            String pid = in.getProperty("pid");
            String egress = in.getProperty("egress", "");
            return new Facts(
                    pid == null ? null : new ProcessMark(Long.parseLong(pid), in.getProperty("mark", "")),
                    Integer.parseInt(in.getProperty("uid", "0")),
                    in.getProperty("id"),
                    Instant.parse(in.getProperty("since", "")),
                    Instant.parse(in.getProperty("until", "")),
                    Integer.parseInt(in.getProperty("agent", "0")),
                    Integer.parseInt(in.getProperty("devtools", "0")),
                    egress.isEmpty() ? List.of() : List.of(egress.split(" ", -1)));
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** Removes it with all that is in it; links are not followed. */
    void remove() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
