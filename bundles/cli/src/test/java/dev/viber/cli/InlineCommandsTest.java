package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the documents call by name within a sentence is there, options included; whole blocks are run by itest/tour. */
class InlineCommandsTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern INLINE = Pattern.compile("`(?:\\./)?viber ([^`]+)`");
    private static final Pattern OPTION = Pattern.compile("-{1,2}[a-z][a-z-]*");

    private static final CommandLine ALL = Main.commandLine();

    @Test
    void everyCommandThatTheDocumentsNameIsThereWithItsOptions() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CHANGELOG.md")));
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        List<String> faults = new ArrayList<>();
        int count = 0;
        for (Path document : documents) {
            Matcher inline =
                    INLINE.matcher(FENCED.matcher(Files.readString(document)).replaceAll(""));
            for (MatchResult each : inline.results().toList()) {
                count++;
                for (String fault : faults(each.group(1))) {
                    faults.add("%s: viber %s: %s".formatted(document, each.group(1), fault));
                }
            }
        }
        assertThat(count).isGreaterThan(20);
        assertThat(faults).isEmpty();
    }

    @Test
    void whatIsNotThereIsFound() {
        assertThat(faults("plugin instal FILE.jar")).containsExactly("there is no command instal");
        assertThat(faults("run -f FILE [--inputs K=V]...")).containsExactly("there is no option --inputs");
        assertThat(faults("approvals list|allow|dany")).containsExactly("there is no command dany");
    }

    private static List<String> faults(String words) {
        List<String> out = new ArrayList<>();
        CommandLine command = ALL;
        for (String word : words.replaceAll("[\\[\\]]|\\.\\.\\.", "").split("\\s+", -1)) {
            Matcher option = OPTION.matcher(word);
            if (option.lookingAt()) {
                if (command.getCommandSpec().findOption(option.group()) == null) {
                    out.add("there is no option " + option.group());
                }
            } else if (!command.getSubcommands().isEmpty() && word.matches("[a-z|-]+")) {
                CommandLine within = command;
                for (String name : word.split("\\|", -1)) {
                    CommandLine found = within.getSubcommands().get(name);
                    if (found == null) {
                        out.add("there is no command " + name);
                    } else {
                        command = found;
                    }
                }
            }
        }
        return out;
    }
}
