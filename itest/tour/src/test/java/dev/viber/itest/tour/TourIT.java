package dev.viber.itest.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour of the README runs to its end against the distribution as it was built, and is the one that the README tells. */
class TourIT {
    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolve("../..").normalize();
    private static final Pattern FENCED = Pattern.compile("(?ms)^```sh\\n(.*?)^```");
    /** What a reader puts an id of his own in for. */
    private static final Pattern PLACEHOLDER = Pattern.compile("\\b(TASK|PID)\\b");

    @Test
    void runsToItsEndAsTheReadmeTellsIt(@TempDir Path folder) throws Exception {
        Path said = folder.resolve("said");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", ROOT.resolve("docs/tour.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment()
                .put(
                        "VIBER",
                        ROOT.resolve("distribution/target/viber/bin/viber").toString());
        // The caches have a test of their own; here their training would only take the cores.
        builder.environment().put("VIBER_AOT", "off");
        Process tour = builder.start();
        try {
            // Against a hang only; a machine that has much else to do takes longer than the usual quarter of a minute.
            boolean ended = tour.waitFor(5, TimeUnit.MINUTES);
            assertThat(ended).as(Files.readString(said)).isTrue();
            assertThat(tour.exitValue()).as(Files.readString(said)).isZero();
        } finally {
            // SIGTERM: the script ends the daemons it started.
            tour.destroy();
        }
        List<String> ran = Files.readString(said)
                .lines()
                .filter(line -> line.startsWith("$ "))
                .map(line -> line.substring(2))
                .toList();
        for (String told : toldByTheReadme()) {
            assertThat(ran)
                    .as("what the README tells was run: %s", told)
                    .anyMatch(line -> pattern(told).matcher(line).lookingAt());
        }
    }

    /** The commands in the README's tour, without the remarks behind them. */
    private static List<String> toldByTheReadme() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        String tour = readme.substring(readme.indexOf("\n## A tour"), readme.indexOf("\n## Where things are"));
        List<String> commands = FENCED.matcher(tour)
                .results()
                .flatMap(block -> block.group(1).lines())
                .map(line -> line.replaceFirst("\\s+# .*", "").strip())
                // Where the script's own folder and port are, which no reader has.
                .filter(line -> !line.startsWith("token=$(cat") && !line.startsWith("api="))
                .toList();
        assertThat(commands).hasSizeGreaterThan(10);
        return commands;
    }

    private static Pattern pattern(String command) {
        String plain = command.replace("./viber", "viber").replace("ws://127.0.0.1:7777", "ws://");
        Matcher parts = PLACEHOLDER.matcher(plain);
        StringBuilder out = new StringBuilder();
        int from = 0;
        while (parts.find()) {
            out.append(Pattern.quote(plain.substring(from, parts.start()))).append("\\S+");
            from = parts.end();
        }
        return Pattern.compile(out.append(Pattern.quote(plain.substring(from))).toString());
    }
}
