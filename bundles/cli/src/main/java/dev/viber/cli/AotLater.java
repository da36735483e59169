package dev.viber.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a daemon whose distribution was never trained train it, in a process of the lowest priority that ends with this one.
 *
 * <p>{@code VIBER_AOT=off} forbids it.
 */
final class AotLater {
    private static final Logger LOG = LoggerFactory.getLogger(AotLater.class);
    private static final Path NICE = Path.of("/usr/bin/nice");

    private AotLater() {}

    /** Where caches are missing, makes them; returns at once. */
    static void trainIfMissing() {
        AotCache cache = AotCache.ours();
        if (cache == null
                || "off".equals(System.getenv("VIBER_AOT"))
                || System.getenv("VIBER_AOT_OUTPUT") != null
                || !Files.isExecutable(NICE)
                || cache.isThere()) {
            return;
        }
        Thread.ofVirtual().name("aot").start(() -> train(cache));
    }

    private static void train(AotCache cache) {
        List<String> command = new ArrayList<>(List.of(NICE.toString(), "-n", "19"));
        command.addAll(List.of(cache.home().resolve("bin/viber").toString(), "aot", "--if-missing", "--until-eof"));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            // Its stdin stays open for as long as this process is there: that is what it ends by.
            try (OutputStream tie = process.getOutputStream()) {
                int code = process.waitFor();
                tie.flush();
                LOG.debug("The training of {} ended with exit code {}", cache.key(), code);
            }
        } catch (IOException e) {
            LOG.debug("The AOT cache is not trained", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
