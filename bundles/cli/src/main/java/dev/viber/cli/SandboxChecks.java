package dev.viber.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code viber doctor} looks at of what the kernel offers to confine tools. */
final class SandboxChecks {
    private static final Path KERNEL = Path.of("/proc/sys/kernel");
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);
    private static final int OPENAT2_MAJOR = 5;
    private static final int OPENAT2_MINOR = 6;
    private static final String NO_LINUX = "this is not Linux";

    private SandboxChecks() {}

    /** Whether the file tools can hold folders open and have the kernel resolve paths beneath them. */
    static List<Finding> confinedFiles(Patient patient) throws IOException {
        String name = "confined files";
        if (!Files.exists(KERNEL)) {
            return List.of(Finding.skip(
                    name, NO_LINUX, "paths are checked by their real path; on Linux the kernel resolves them"));
        }
        Matcher release = RELEASE.matcher(Files.readString(KERNEL.resolve("osrelease")));
        boolean known = Arrays.asList("amd64", "x86_64", "aarch64").contains(System.getProperty("os.arch"));
        if (!release.matches() || !known) {
            return List.of(Finding.warn(name, "whether openat2 is there is not known", ""));
        }
        int major = Integer.parseInt(release.group(1));
        int minor = Integer.parseInt(release.group(2));
        String found = "Linux %d.%d".formatted(major, minor);
        if (major < OPENAT2_MAJOR || (major == OPENAT2_MAJOR && minor < OPENAT2_MINOR)) {
            return List.of(Finding.warn(
                    name,
                    found + " has no openat2; file tools check real paths, which a link swapped in time can get around",
                    "use Linux 5.6 or newer"));
        }
        Integer errno = OpenBeneath.refusal();
        return List.of(
                errno == null
                        ? Finding.ok(name, found + ", openat2 works")
                        : Finding.warn(
                                name,
                                "%s, but openat2 is refused (errno %d); file tools check real paths instead"
                                        .formatted(found, errno),
                                "let the container's seccomp profile allow openat2"));
    }

    /** Whether programs can be given a system of their own without being root. */
    static List<Finding> userNamespaces(Patient patient) throws IOException {
        String name = "user namespaces";
        if (!Files.exists(Path.of("/proc/self/ns/user"))) {
            return List.of(Finding.skip(name, "the kernel has none", ""));
        }
        String most = read(Path.of("/proc/sys/user/max_user_namespaces"));
        if (most.equals("0")) {
            return List.of(Finding.warn(name, "none are allowed", "sysctl user.max_user_namespaces=10000"));
        }
        for (String each : List.of("unprivileged_userns_clone=0", "apparmor_restrict_unprivileged_userns=1")) {
            String[] parts = each.split("=", 2);
            if (read(KERNEL.resolve(parts[0])).equals(parts[1])) {
                return List.of(Finding.warn(
                        name,
                        "only root may make one (kernel.%s)".formatted(each),
                        "sysctl kernel.%s=%s, or let the browser run without its sandbox in a machine of its own"
                                .formatted(parts[0], parts[1].equals("0") ? "1" : "0")));
            }
        }
        return List.of(Finding.ok(name, "allowed"));
    }

    static List<Finding> landlock(Patient patient) throws IOException {
        Path modules = Path.of("/sys/kernel/security/lsm");
        String found = read(modules);
        if (found.isEmpty()) {
            return List.of(Finding.skip("landlock", "whether it is there cannot be read (" + modules + ")", ""));
        }
        return List.of(
                Arrays.asList(found.split(",", -1)).contains("landlock")
                        ? Finding.ok("landlock", "on")
                        : Finding.skip(
                                "landlock",
                                "off (" + found + ")",
                                "boot with lsm=landlock,... to confine programs by it"));
    }

    static List<Finding> seccomp(Patient patient) throws IOException {
        String actions = read(KERNEL.resolve("seccomp/actions_avail"));
        return List.of(
                actions.isEmpty()
                        ? Finding.skip("seccomp", "the kernel has none", "")
                        : Finding.ok("seccomp", "there"));
    }

    /** A line of a file; empty where it is not there or not for us. */
    private static String read(Path file) throws IOException {
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            return "";
        }
    }
}
