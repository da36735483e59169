package dev.viber.browser.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session left that nobody can take on: a killed process may have started it and not yet written down which it was. */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /** Ends the processes that were started for this place, and removes it. */
    static void remove(Place place) {
        String argument = "\0" + place.inside() + "\0";
        try {
            for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
                if (commandLine(each.pid()).contains(argument)) {
                    LOG.info("A browser that nobody knows any more is ended: process {}", each.pid());
                    LocalSession.end(each);
                }
            }
            place.remove();
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", place.folder(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it ended
        }
    }
}
