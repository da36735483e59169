package dev.viber.cli;

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

    void putInto(Map<String, String> variables) {
        variables.put("workspace", workspace.toAbsolutePath().normalize().toString());
        variables.put("id", id);
        variables.put("name", name);
    }
}
