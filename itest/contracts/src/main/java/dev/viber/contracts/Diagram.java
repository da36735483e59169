package dev.viber.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.lifecycle.Lifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A life cycle's picture in {@code docs/life-cycles.md}: it is what the table says, and is written from it. */
public final class Diagram {
    private static final String END = "<!-- end -->";

    private Diagram() {}

    /**
     * Fails where the document shows another picture than the table gives; with {@code -Ddocs.update=true} writes it.
     *
     * @param module the folder of the Maven module that asks, two below the root
     * @param name the picture's name in its marker, such as {@code task}
     */
    public static void check(Path module, String name, Lifecycle<?, ?> table) throws IOException {
        Path root = module.resolve("../..").normalize();
        Path file = root.resolve("docs/life-cycles.md");
        String text = Files.readString(file);
        String marker = "<!-- diagram: " + name + " -->\n";
        int begin = text.indexOf(marker);
        assertThat(begin)
                .as("the marker '%s' in docs/life-cycles.md", marker.strip())
                .isNotNegative();
        int end = text.indexOf(END, begin);
        assertThat(end).as("'%s' behind '%s'", END, marker.strip()).isNotNegative();
        String wanted = "```mermaid\n" + table.toMermaid() + "```\n";
        int from = begin + marker.length();
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(file, text.substring(0, from) + wanted + text.substring(end));
            return;
        }
        assertThat(text.substring(from, end))
                .as(
                        "the diagram '%s' in docs/life-cycles.md; write it anew: ./mvnw -pl %s -am test -Ddocs.update=true",
                        name, root.relativize(module))
                .isEqualTo(wanted);
    }
}
