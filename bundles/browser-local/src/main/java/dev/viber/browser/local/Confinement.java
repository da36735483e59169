package dev.viber.browser.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How a session is shut in. By any user: in a user namespace, as that same user without rights. By root: as a user id that
 * nobody else has, without rights. Either way with mounts, processes and a network of its own; what is the viber's own (its
 * home, its state, {@code /run}) is not seen in there.
 */
final class Confinement {
    private static final long PROBE_WITHIN_S = 20;
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> PROGRAMS = List.of("unshare", "setpriv", "mount", "ip", "setsid");
    /** Where the agent looks for one, too. */
    private static final List<String> CHROMES = List.of(
            "/headless-chrome/headless-chrome",
            "/headless-shell/headless-shell",
            "/usr/bin/headless-shell",
            "/usr/lib/chromium/chromium-headless-shell",
            "/usr/bin/chromium",
            "/usr/bin/google-chrome");

    private static final String PROXY = "127.0.0.1:3128";

    private final int self;
    private final int uidBase;
    private final Path home;
    private final Path java;
    private final String chrome;
    private final List<String> hidden;
    private final String script;

    /**
     * Of this process.
     *
     * @param home the distribution
     * @param chrome its path; empty for the one that the agent finds
     * @param hide what sessions must not see, beside this user's home and {@code /run}
     */
    Confinement(Path home, String chrome, List<String> hide, int uidBase) throws IOException {
        Path process = Path.of("/proc/self");
        self = Files.exists(process) ? (int) Files.getAttribute(process, "unix:uid") : -1;
        this.home = home;
        java = Path.of(System.getProperty("java.home"));
        this.chrome = chrome;
        this.uidBase = uidBase;
        hidden = Stream.concat(Stream.of(System.getProperty("user.home", ""), "/run"), hide.stream())
                .filter(each -> each.length() > 1)
                .toList();
        try (InputStream in = Confinement.class.getResourceAsStream("start.sh")) {
            script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    boolean isRoot() {
        return self == 0;
    }

    /** As whom the session of this number runs. */
    int uid(int number) {
        return isRoot() ? uidBase + number : self;
    }

    /** How it is done, in words. */
    String words() {
        return isRoot()
                ? "each as a user id of its own from %d on".formatted(uidBase)
                : "each in a user namespace of the user %d".formatted(self);
    }

    /**
     * Tries it, without a browser in it.
     *
     * @throws IOException naming what is missing, and what would help
     */
    void check() throws IOException, InterruptedException {
        for (String each : PROGRAMS) {
            if (Stream.of(PATH.split(":", -1)).noneMatch(folder -> Files.isExecutable(Path.of(folder, each)))) {
                throw new IOException(
                        "there is no '%s' on this machine; install util-linux and iproute2".formatted(each));
            }
        }
        if (!Files.isReadable(home.resolve("features/guest.json"))) {
            throw new IOException("there is no agent in %s: features/guest.json is missing".formatted(home));
        }
        List<String> chromes = chrome.isEmpty() ? CHROMES : List.of(chrome);
        if (chromes.stream().noneMatch(each -> Files.isExecutable(Path.of(each)))) {
            throw new IOException("there is no Chrome at %s; install one, or name it (dev.viber.browser.local: chrome)"
                    .formatted(String.join(", ", chromes)));
        }
        List<String> command = new ArrayList<>(unshare());
        command.addAll(List.of("sh", "-c", "ip link set lo up && mount -t tmpfs none /tmp"));
        Process process = builder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(PROBE_WITHIN_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("namespaces are not made within %d s".formatted(PROBE_WITHIN_S));
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    "namespaces cannot be made (%s): the kernel must let %s make them"
                            .formatted(
                                    said,
                                    isRoot()
                                            ? "root, with CAP_SYS_ADMIN,"
                                            : "users (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"));
        }
    }

    /** The command that starts a session in this place, and becomes the process whose end is that of them all. */
    ProcessBuilder start(Place place, int uid, long orphanMs) {
        List<String> command = new ArrayList<>(unshare());
        Path program = Path.of(chrome.isEmpty() ? "-" : chrome);
        command.addAll(List.of(
                "sh",
                "-c",
                script,
                "viber-browser",
                place.inside().toString(),
                home.toString(),
                java.toString(),
                chrome.isEmpty() ? "-" : String.valueOf(program.getParent()),
                Integer.toString(uid),
                isRoot() ? "setpriv" : "unshare",
                place.host().toString()));
        command.addAll(hidden);
        ProcessBuilder builder = builder(command);
        Map<String, String> environment = builder.environment();
        environment.put("HOME", "/tmp");
        environment.put("LANG", "C.UTF-8");
        if (!chrome.isEmpty()) {
            environment.put("VIPER_AGENT_EXEC_PATH", "/tmp/chrome/" + program.getFileName());
        }
        environment.put("VIPER_AGENT_LISTEN_ADDR", "127.0.0.1:8080");
        environment.put("VIPER_AGENT_DEVTOOLS_ADDR", "127.0.0.1:9222");
        environment.put("VIPER_AGENT_TOKEN_FILE", "/tmp/token");
        environment.put("VIPER_AGENT_RELAY_DIR", "/tmp");
        environment.put("VIPER_AGENT_PROXY_ADDR", PROXY);
        environment.put("VIPER_AGENT_LIFELINE_MS", Long.toString(orphanMs));
        return builder.redirectError(ProcessBuilder.Redirect.to(place.log().toFile()));
    }

    private List<String> unshare() {
        List<String> out = new ArrayList<>(List.of(
                "unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"));
        if (!isRoot()) {
            out.addAll(List.of("--user", "--map-root-user"));
        }
        // A session of its own: what is typed at the viber's terminal is not for it.
        out.addFirst("setsid");
        return out;
    }

    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        return builder;
    }
}
