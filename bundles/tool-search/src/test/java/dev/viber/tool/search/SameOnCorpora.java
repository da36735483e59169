package dev.viber.tool.search;

import java.nio.file.Path;

/** The same lines and columns as ripgrep in each folder that is named; for {@code -Pbench}. */
final class SameOnCorpora {
    private SameOnCorpora() {}

    /** Runs it. */
    public static void main(String... folders) throws Exception {
        boolean same = true;
        for (String folder : folders) {
            int count = 0;
            for (Rg.Question question : Rg.QUESTIONS) {
                String difference = Rg.difference(Path.of(folder), question, true, "java");
                System.out.print(difference);
                count += difference.isEmpty() ? 1 : 0;
            }
            System.out.printf(
                    "%s: %d of %d patterns give what rg gives%n",
                    Path.of(folder).getFileName(), count, Rg.QUESTIONS.size());
            same &= count == Rg.QUESTIONS.size();
        }
        if (!same) {
            System.exit(1);
        }
    }
}
