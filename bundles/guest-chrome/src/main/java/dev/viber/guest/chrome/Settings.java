package dev.viber.guest.chrome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How Chrome is run here.
 *
 * @param program its executable
 * @param as what stands before it so that it runs as a user of its own; empty where it runs as the agent's
 * @param userData its profile's folder
 * @param ownUserData whether the folder is the agent's to remove
 * @param sandbox whether pages go into Chrome's own sandbox
 * @param proxy {@code HOST:PORT} of the HTTP proxy through which all goes, the loopback too; empty for none
 */
record Settings(Path program, List<String> as, Path userData, boolean ownUserData, boolean sandbox, String proxy) {
    private static final List<String> PROGRAMS = List.of(
            "/headless-chrome/headless-chrome",
            "/headless-shell/headless-shell",
            "/usr/bin/headless-shell",
            "/usr/lib/chromium/chromium-headless-shell",
            "/usr/bin/chromium",
            "/usr/bin/google-chrome");
    private static final Path INIT = Path.of("/usr/sbin/viper-init");
    private static final String GUEST_USER = "chrome";
    private static final Path GUEST_DATA = Path.of("/var/lib/chrome/data");

    /**
     * Of this machine.
     *
     * @throws IOException where no Chrome is found; the message says where it was looked for
     */
    static Settings of(Map<String, String> environment) throws IOException {
        boolean guest = !environment.getOrDefault("VIPER_CONTROL_SOCKET", "").isEmpty() && Files.isExecutable(INIT);
        String data = environment.getOrDefault("VIPER_AGENT_USER_DATA_DIR", "");
        Path userData;
        if (!data.isEmpty()) {
            userData = Path.of(data);
        } else {
            // In a guest the folder is the other user's: Chrome makes it.
            userData = guest ? GUEST_DATA : Files.createTempDirectory("viper-chrome");
        }
        return new Settings(
                program(environment.getOrDefault("VIPER_AGENT_EXEC_PATH", "")),
                guest ? List.of(INIT.toString(), "as", GUEST_USER) : List.of(),
                userData,
                data.isEmpty() && !guest,
                canSandbox(guest),
                environment.getOrDefault("VIPER_AGENT_PROXY_ADDR", ""));
    }

    /** The whole command. */
    List<String> command() {
        List<String> out = new ArrayList<>(as);
        out.add(program.toString());
        out.addAll(List.of(
                "--headless",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--mute-audio",
                "--no-default-browser-check",
                "--no-first-run",
                // As every desktop Chrome, and unlike the headless shell by itself: a frame of another site cannot read
                // the memory of this one.
                "--site-per-process",
                // Tabs that nobody looks at go on working, and nothing is fetched that no page asked for.
                "--disable-background-networking",
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
                "--disable-component-update",
                "--disable-sync",
                "--disable-default-apps",
                "--password-store=basic",
                // A free port on the loopback, told on its standard error: no other program can have taken it.
                "--remote-debugging-port=0",
                "--user-data-dir=" + userData));
        if (!sandbox) {
            out.add("--no-sandbox");
        }
        if (!proxy.isEmpty()) {
            // Without the second, Chrome goes to the loopback by itself. What cannot go through a proxy has no way out.
            out.addAll(List.of(
                    "--proxy-server=http://" + proxy,
                    "--proxy-bypass-list=<-loopback>",
                    "--disable-quic",
                    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"));
        }
        out.add("about:blank");
        return out;
    }

    private static Path program(String wanted) throws IOException {
        if (!wanted.isEmpty()) {
            if (!Files.isExecutable(Path.of(wanted))) {
                throw new IOException("VIPER_AGENT_EXEC_PATH " + wanted + " is no program that can be run");
            }
            return Path.of(wanted);
        }
        for (String each : PROGRAMS) {
            if (Files.isExecutable(Path.of(each))) {
                return Path.of(each);
            }
        }
        throw new IOException(
                "there is no Chrome: set VIPER_AGENT_EXEC_PATH, or put one at " + String.join(", ", PROGRAMS));
    }

    /** Chrome's sandbox wants a user other than root and user namespaces that it may make. */
    private static boolean canSandbox(boolean guest) throws IOException {
        if (!guest && (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0) {
            return false;
        }
        return !"0".equals(kernel("/proc/sys/kernel/unprivileged_userns_clone"))
                && !"1".equals(kernel("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"))
                && !"0".equals(kernel("/proc/sys/user/max_user_namespaces"));
    }

    private static @Nullable String kernel(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return null; // this kernel has no such switch
        }
    }
}
