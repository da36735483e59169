package dev.viber.itest.floors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every relative link of the documents leads to a file that is there, and where it names a heading, to that heading. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+?) *$");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z][a-z0-9+.-]*:.*");

    @Test
    void linksLeadSomewhere() throws IOException {
        Path root = Path.of(System.getProperty("viber.root"));
        List<Path> documents = new ArrayList<>(List.of(root.resolve("README.md"), root.resolve("CHANGELOG.md")));
        try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        assertThat(documents).hasSizeGreaterThan(5);
        List<String> faults = new ArrayList<>();
        for (Path document : documents) {
            faults.addAll(faults(document));
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void aLinkToNowhereIsFound(@TempDir Path folder) throws IOException {
        Path document = Files.writeString(folder.resolve("a.md"), """
                # A heading: `code`, too
                [good](a.md#a-heading-code-too) [far](urn:x) [gone](b.md) [lost](#nowhere)
                ```
                [shown](c.md)
                ```
                """);
        assertThat(faults(document))
                .containsExactly(
                        document + ": there is no file b.md", document + ": there is no heading #nowhere in a.md");
    }

    private static List<String> faults(Path document) throws IOException {
        List<String> faults = new ArrayList<>();
        Matcher link = LINK.matcher(prose(document));
        while (link.find()) {
            String target = link.group(1);
            if (ELSEWHERE.matcher(target).matches()) {
                continue;
            }
            int hash = target.indexOf('#');
            String path = hash < 0 ? target : target.substring(0, hash);
            Path file = path.isEmpty() ? document : document.resolveSibling(path);
            if (!Files.exists(file)) {
                faults.add(document + ": there is no file " + path);
            } else if (hash >= 0 && !anchors(file).contains(target.substring(hash + 1))) {
                faults.add(document + ": there is no heading " + target.substring(hash) + " in " + file.getFileName());
            }
        }
        return faults;
    }

    private static List<String> anchors(Path file) throws IOException {
        return HEADING.matcher(prose(file))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static String prose(Path file) throws IOException {
        return FENCED.matcher(Files.readString(file)).replaceAll("");
    }
}
