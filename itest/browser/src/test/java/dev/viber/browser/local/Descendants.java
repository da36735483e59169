package dev.viber.browser.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The processes of a session, by the outermost. */
record Descendants(long process) {
    /** The agent's Java. */
    long agent() {
        return ProcessHandle.of(process)
                .orElseThrow()
                .descendants()
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(pid).startsWith("/tmp/java/bin/java"))
                .findFirst()
                .orElseThrow();
    }

    static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }
}
