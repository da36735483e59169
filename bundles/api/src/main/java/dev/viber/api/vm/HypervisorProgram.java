package dev.viber.api.vm;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A hypervisor's program on this host: where it is, and which version it says it is. */
public final class HypervisorProgram {
    private static final List<String> TELLING =
            List.of("vendor_id", "cpu family", "model", "stepping", "microcode", "flags");

    private HypervisorProgram() {}

    /**
     * The program of this name.
     *
     * @param binary a path, or a name that is looked for in {@code PATH}
     * @return absolute; null where there is none that can be run
     */
    public static @Nullable Path find(String binary) {
        if (binary.contains("/")) {
            Path given = Path.of(binary).toAbsolutePath();
            return Files.isExecutable(given) ? given : null;
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, binary).toAbsolutePath())
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /**
     * What it answers to {@code --version}.
     *
     * @param pattern whose first group is the version
     * @param wanted what an answer looks like, for the error
     * @throws IOException where it answers otherwise
     */
    public static String version(Path program, Pattern pattern, String wanted)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder("timeout", "-s", "KILL", "10", program.toString(), "--version")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        Matcher version = pattern.matcher(said);
        if (status != 0 || !version.find()) {
            throw new IOException("%s --version: wanted '%s', got exit status %d and '%s'"
                    .formatted(program, wanted, status, said.strip()));
        }
        return version.group(1);
    }

    /**
     * This host's processor as a guest under KVM sees it: equal for those that a running guest can be moved between, of one
     * maker, model and set of features.
     */
    public static String processor() throws IOException {
        String first = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .takeWhile(line -> !line.isBlank())
                .filter(line -> TELLING.contains(line.split(":", 2)[0].strip()))
                .collect(Collectors.joining("\n"));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(first.getBytes(StandardCharsets.UTF_8));
            return "host-" + HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
