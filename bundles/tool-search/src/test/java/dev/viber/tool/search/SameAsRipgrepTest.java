package dev.viber.tool.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same lines and columns as {@code rg --no-config}, on this repository and on a tree made for the purpose; the
 * larger corpora are {@link SearchBench}'s. ripgrep has to be there (Debian's package is {@code ripgrep}).
 */
class SameAsRipgrepTest {
    @TempDir
    static Path folder;

    static Path tree;

    @BeforeAll
    static void makeTree() throws Exception {
        tree = SyntheticTree.make(folder);
    }

    @Test
    void onATreeOfIgnoreFilesAndOddContents() throws Exception {
        assertThat(differences(tree, true, "java", questions())).isEmpty();
    }

    @Test
    void whereFoldersHaveNoHandles() throws Exception {
        assertThat(differences(tree, false, "java", questions())).isEmpty();
    }

    @Test
    void belowAFolderOfTheTree() throws Exception {
        for (String below : List.of("nested", "inner", "src", "a/b")) {
            assertThat(differences(
                            tree.resolve(below), true, "java", questions().subList(0, 8)))
                    .isEmpty();
        }
    }

    @Test
    void byRipgrepItselfWhereThatIsAskedFor() throws Exception {
        assertThat(differences(tree, true, "rg", questions())).isEmpty();
    }

    @Test
    void onAFileThatIsBinaryBehindItsFirstWindows() throws Exception {
        Path late = SyntheticTree.makeLateNul(folder.resolve("late"));
        assertThat(differences(late, true, "java", questions())).isEmpty();
    }

    @Test
    void onThisRepository() throws Exception {
        Path bundles = Path.of("..").toRealPath();
        assertThat(differences(bundles, true, "java", Rg.QUESTIONS)).isEmpty();
    }

    private static List<Rg.Question> questions() {
        List<Rg.Question> questions = new ArrayList<>(List.of(
                Rg.Question.of("needle"),
                Rg.Question.of("needle").withHidden(),
                Rg.Question.of("needle").caseless(),
                Rg.Question.of("needle").in("*.log"),
                Rg.Question.of("needle").in("build/**", "!*.txt"),
                Rg.Question.of("needle").in("/src"),
                Rg.Question.of("needle").in(".*"),
                Rg.Question.of("needle").in("!nested", "!{one,two,three}.alt", "!sp?ce*"),
                Rg.Question.of("(?m)^needle.$"),
                Rg.Question.of("(?s)needle.+(?:one|again)"),
                Rg.Question.of("needle\\b"),
                Rg.Question.of("\\x{fffd}|."),
                Rg.Question.of("[^n]$"),
                Rg.Question.of("\\W$"),
                Rg.Question.of("")));
        questions.addAll(Rg.QUESTIONS);
        return questions;
    }

    private static String differences(Path folder, boolean handles, String engine, List<Rg.Question> questions)
            throws Exception {
        StringBuilder all = new StringBuilder();
        for (Rg.Question question : questions) {
            all.append(Rg.difference(folder, question, handles, engine));
        }
        return all.toString();
    }
}
