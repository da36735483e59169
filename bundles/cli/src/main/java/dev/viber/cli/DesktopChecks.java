package dev.viber.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code viber doctor} looks at of a desktop, which only tools of the desktop and the browser need. */
final class DesktopChecks {
    private static final Pattern LOCAL_DISPLAY = Pattern.compile(":(\\d+)(\\.\\d+)?");

    private DesktopChecks() {}

    /** Whether there is a screen, and it is there in truth. */
    static List<Finding> display(Patient patient) {
        Map<String, String> environment = patient.environment();
        String wayland = environment.getOrDefault("WAYLAND_DISPLAY", "");
        String x11 = environment.getOrDefault("DISPLAY", "");
        if (wayland.isEmpty() && x11.isEmpty()) {
            return List.of(Finding.skip(
                    "desktop",
                    "there is none: neither DISPLAY nor WAYLAND_DISPLAY is set",
                    "for tools that need one start a virtual one: Xvfb :99 & export DISPLAY=:99"));
        }
        Path socket = null;
        Matcher local = LOCAL_DISPLAY.matcher(x11);
        if (!wayland.isEmpty()) {
            socket = Path.of(environment.getOrDefault("XDG_RUNTIME_DIR", "/nonexistent"))
                    .resolve(wayland);
        } else if (local.matches()) {
            socket = Path.of("/tmp/.X11-unix/X" + local.group(1));
        }
        String named = wayland.isEmpty() ? "DISPLAY=" + x11 : "WAYLAND_DISPLAY=" + wayland;
        return List.of(
                socket == null || Files.exists(socket)
                        ? Finding.ok("desktop", named)
                        : Finding.warn(
                                "desktop",
                                "%s, but there is no %s".formatted(named, socket),
                                "start the desktop (or Xvfb) that it names, or unset it"));
    }

    static List<Finding> chromium(Patient patient) {
        return List.of(
                patient.program("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
                        .map(file -> Finding.ok("chromium", file.toString()))
                        .orElseGet(() -> Finding.skip(
                                "chromium",
                                "not found; only tools that drive a browser here need it",
                                "install it: apt-get install chromium")));
    }
}
