package dev.viber.cli;

import dev.viber.api.viber.ViberDesk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** What a viber is told: who it is and where it works. */
final class ViberOptions {
    @Option(names = "--workspace", paramLabel = "DIR", description = "Where its tools work (default: this folder).")
    Path workspace = Path.of("");

    @Option(names = "--id", paramLabel = "ID", description = "The viber's id; made and kept where not given.")
    String id = "";

    @Option(names = "--name", paramLabel = "NAME", description = "The viber's name for people.")
    String name = "";

    @Option(
            names = "--allow-unsigned",
            description = "Let plugins in that nobody signed. For development: such code runs with all rights.")
    boolean allowUnsigned;

    void putInto(Map<String, String> variables) {
        if (!id.isEmpty() && !id.matches(ViberDesk.ID_PATTERN)) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "--id is '%s'; wanted letters, digits, '.', '_' and '-', at most 64, a letter or digit first"
                            .formatted(id));
        }
        if (!Files.isDirectory(workspace.toAbsolutePath())) {
            throw new CommandFailure(Exit.USAGE, "--workspace is '%s', which is no folder".formatted(workspace));
        }
        variables.put("workspace", workspace.toAbsolutePath().normalize().toString());
        variables.put("id", id);
        variables.put("name", name);
        variables.put("allow.unsigned", Boolean.toString(allowUnsigned));
    }
}
