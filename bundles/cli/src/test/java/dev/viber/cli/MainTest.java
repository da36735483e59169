package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** Commands are read when they are asked for, by the names they have. */
class MainTest {
    @Test
    void namesAreThoseOfTheAnnotations() {
        Main.COMMANDS.forEach((name, type) ->
                assertThat(type.getAnnotation(Command.class).name()).isEqualTo(name));
    }

    @Test
    void readsTheOneThatIsAskedForAndAllForWhoeverLooksAround() {
        assertThat(Main.commandLine("status", "--json").getSubcommands()).containsOnlyKeys("status");
        assertThat(Main.commandLine().getSubcommands().keySet()).containsAll(Main.COMMANDS.keySet());
        assertThat(Main.commandLine("--help").getSubcommands()).containsKeys("up", "doctor");
        assertThat(Main.commandLine("statsu").getSubcommands()).containsKeys("up", "doctor");
    }
}
