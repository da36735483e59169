package dev.viber.itest.tour;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fenced block of a document.
 *
 * @param line of its first line of text, from 1
 * @param language the first word behind the fence; empty for none
 * @param claim what it claims to be an example of, such as {@code policy}; empty for none
 * @param notRun why it cannot be run here: what stands behind {@code not-run:}; null where it is to be run
 */
record Block(
        Path document,
        int line,
        String language,
        String claim,
        @Nullable String notRun,
        String text) {
    private static final Pattern FENCE = Pattern.compile("( *)```+([\\w+-]*) *(.*)");
    private static final String NOT_RUN = "not-run:";

    /** All blocks of a document, in order. */
    static List<Block> of(Path document) throws IOException {
        List<Block> out = new ArrayList<>();
        List<String> lines = Files.readAllLines(document);
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (!fence.matches()) {
                continue;
            }
            String indent = fence.group(1);
            int first = i + 1;
            StringBuilder text = new StringBuilder();
            for (i = first; i < lines.size() && !lines.get(i).strip().equals("```"); i++) {
                String line = lines.get(i);
                text.append(line.startsWith(indent) ? line.substring(indent.length()) : line)
                        .append('\n');
            }
            if (i == lines.size()) {
                throw new IllegalStateException(document + ":" + first + ": the block has no end");
            }
            String info = fence.group(3).strip();
            String why =
                    info.startsWith(NOT_RUN) ? info.substring(NOT_RUN.length()).strip() : null;
            out.add(new Block(document, first + 1, fence.group(2), why == null ? info : "", why, text.toString()));
        }
        return out;
    }

    /** Where it stands, for people. */
    String place() {
        return Objects.requireNonNull(document.getFileName()) + ":" + line;
    }
}
