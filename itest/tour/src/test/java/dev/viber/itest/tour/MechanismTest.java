package dev.viber.itest.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What DocsIT leans on: blocks are found as they stand, and a command that does not do well is not passed over. */
class MechanismTest {
    @TempDir
    Path folder;

    @Test
    void blocksAreFoundWithWhatTheyClaimAndWhyTheyAreNotRun() throws IOException {
        Path document = Files.writeString(folder.resolve("a.md"), """
                1. Indented:
                   ```sh
                   viber up
                     more
                   ```
                ```json policy
                {}
                ```
                ```sh not-run: needs a container engine
                docker build .
                ```
                ```
                plain
                ```
                """);
        List<Block> blocks = Block.of(document);
        assertThat(blocks).extracting(Block::language).containsExactly("sh", "json", "sh", "");
        assertThat(blocks).extracting(Block::notRun).containsExactly(null, null, "needs a container engine", null);
        assertThat(blocks).extracting(Block::claim).containsExactly("", "policy", "", "");
        assertThat(blocks.getFirst().text()).isEqualTo("viber up\n  more\n");
        assertThat(blocks.getFirst().place()).isEqualTo("a.md:3");
        assertThat(DocsIT.isKnown(blocks.getLast())).isFalse();
    }

    @Test
    void aCommandThatFailsIsTold() throws IOException {
        try (ShellSession shell = new ShellSession(folder, folder, 1)) {
            assertThat(shell.type("a", "word='one two' # a remark")).isEmpty();
            assertThat(shell.type("a", "echo \"$word\"; echo task t-7 is taken"))
                    .contains("one two");
            assertThat(shell.type("a", "echo :7777 TASK")).isEqualTo(":1 t-7");
            assertThatThrownBy(() -> shell.type("a.md:3", "echo so; false"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("a.md:3", "echo so; false", "so");
            assertThatThrownBy(() -> shell.type("a.md:4", "viber server"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("a.md:4");
            assertThatThrownBy(() -> shell.type("a.md:5", "kill PID")).isInstanceOf(AssertionError.class);
        }
    }
}
