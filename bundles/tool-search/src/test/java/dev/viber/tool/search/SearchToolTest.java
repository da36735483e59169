package dev.viber.tool.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchToolTest {
    @TempDir
    Path folder;

    private Path workspace = Path.of("");
    private Path further = Path.of("");

    @BeforeEach
    void makeWorkspace() throws IOException {
        workspace = Files.createDirectories(folder.resolve("workspace"));
        further = Files.createDirectories(folder.resolve("further"));
        Files.createDirectories(folder.resolve("outside"));
        Files.writeString(folder.resolve("outside/secret"), "secret TODO");
    }

    @Test
    void allIsCountedWhateverIsKept() throws Exception {
        write("src/b.txt", "TODO one\nnothing\n  TODO TODO\n");
        write("src/a.txt", "TODO\n".repeat(50));
        Map<String, Object> result = call("root", "src", "pattern", "TODO", "limit", 51L);
        assertThat(result)
                .containsEntry("count", 52L)
                .containsEntry("files", 2L)
                .containsEntry("truncated", true);
        assertThat(matches(result)).hasSize(51);
        assertThat(matches(result).getLast())
                .isEqualTo(Map.of("path", "src/b.txt", "line", 1L, "column", 1L, "text", "TODO one"));
        result = call("root", "./src/", "pattern", "TODO", "glob", "b.*");
        assertThat(matches(result).getLast())
                .isEqualTo(Map.of("path", "src/b.txt", "line", 3L, "column", 3L, "text", "  TODO TODO"));
        assertThat(result).containsEntry("truncated", false);
    }

    @Test
    void theFirstMatchesAreKeptHoweverThreadsRun() throws Exception {
        for (int i = 0; i < 300; i++) {
            write("d%d/f%d".formatted(i % 7, i), "x needle\nneedle\n");
        }
        Object once = call("pattern", "needle", "limit", 40L).get("matches");
        for (int again = 0; again < 10; again++) {
            assertThat(call("pattern", "needle", "limit", 40L).get("matches")).isEqualTo(once);
        }
    }

    @Test
    void linesAround() throws Exception {
        String far = "line %d\n".repeat(1);
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 20_000; i++) {
            text.append(i % 4_999 == 0 ? "match %d\r\n".formatted(i) : far.formatted(i));
        }
        write("a", text + "match end");
        for (String engine : List.of("java", "rg")) {
            Map<String, Object> result = call("pattern", "match", "context", 2L, "engine", engine);
            assertThat(matches(result)).hasSize(5);
            for (int i = 1; i <= 4; i++) {
                int line = i * 4_999;
                assertThat(matches(result).get(i - 1))
                        .containsEntry("line", (long) line)
                        .containsEntry("text", "match " + line)
                        .containsEntry("before", List.of("line " + (line - 2), "line " + (line - 1)))
                        .containsEntry("after", List.of("line " + (line + 1), "line " + (line + 2)));
            }
            assertThat(matches(result).getLast())
                    .containsEntry("line", 20_001L)
                    .containsEntry("before", List.of("line 19999", "line 20000"))
                    .containsEntry("after", List.of());
        }
    }

    @Test
    void longLinesAreCutAroundTheMatch() throws Exception {
        write("a", "é".repeat(5_000) + "needle" + "y".repeat(5_000) + "\n");
        Map<String, Object> match = matches(call("pattern", "needle")).getFirst();
        assertThat(match).containsEntry("column", 10_001L);
        assertThat((String) match.get("text"))
                .contains("needle")
                .hasSizeLessThan(2_000)
                .doesNotContain("\uFFFD");
        assertThat(match).containsKey("from");
    }

    @Test
    void theResultStaysWithinItsSize() throws Exception {
        for (int i = 0; i < 100; i++) {
            write("f" + i, ("needle " + "x".repeat(1_000) + "\n").repeat(30));
        }
        Map<String, Object> result = call("pattern", "needle", "limit", 10_000L);
        assertThat(result).containsEntry("count", 3_000L).containsEntry("truncated", true);
        assertThat(matches(result)).hasSizeBetween(800, 1_050);
    }

    @Test
    void partialResultsAreTold() throws Exception {
        for (int i = 0; i < 40; i++) {
            write("f" + i, "needle\n");
        }
        Caller caller = new Caller(workspace);
        tool(true).call(map("pattern", "needle"), caller);
        assertThat(caller.progress)
                .isNotEmpty()
                .allSatisfy(told -> assertThat(told).containsKeys("count", "files", "searched"));
    }

    @Test
    void aCancelledSearchEnds() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            write("d%d/f%d".formatted(i % 50, i), "needle\n");
        }
        AtomicBoolean cancelled = new AtomicBoolean(true);
        assertThatThrownBy(() -> tool(true).call(map("pattern", "needle"), new Caller(workspace, cancelled::get)))
                .isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> call("pattern", "needle")).isInstanceOf(InterruptedException.class);
        long open;
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
            open = handles.filter(each -> isBelow(each, workspace)).count();
        }
        assertThat(open).isZero();
    }

    private static boolean isBelow(Path handle, Path folder) {
        try {
            return Files.readSymbolicLink(handle).startsWith(folder);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    @Test
    void nothingLeadsOutside() throws Exception {
        write("in/file", "TODO\n");
        Files.createSymbolicLink(workspace.resolve("out"), folder.resolve("outside"));
        Files.createSymbolicLink(workspace.resolve("out-file"), folder.resolve("outside/secret"));
        Files.createSymbolicLink(workspace.resolve("back"), workspace.resolve("in"));
        for (boolean handles : List.of(true, false)) {
            assertThat(callBy(handles, "root", ".", "pattern", "TODO")).containsEntry("count", 1L);
            assertThat(callBy(handles, "root", "back", "pattern", "TODO")).containsEntry("count", 1L);
            for (String root : List.of("out", "out-file", "../outside", "in/../../outside", "/", "/etc/passwd")) {
                assertThatThrownBy(() -> callBy(handles, "root", root, "pattern", "TODO"))
                        .isInstanceOf(ToolException.class)
                        .hasMessageContaining(root)
                        .hasMessageContaining("outside the workspace");
            }
            assertThatThrownBy(() -> callBy(handles, "root", "nowhere", "pattern", "x"))
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining("no such file");
        }
    }

    @Test
    void aFolderSwappedForALinkLeadsNowhere() throws Exception {
        Path victim = workspace.resolve("victim");
        Path real = Files.createDirectories(workspace.resolve("real"));
        Path link = Files.createSymbolicLink(workspace.resolve("link"), folder.resolve("outside"));
        write("real/f", "TODO\n");
        AtomicBoolean done = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                try {
                    Files.move(real, victim);
                    Files.move(victim, real);
                    Files.move(link, victim);
                    Files.move(victim, link);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
        try {
            for (int i = 0; i < 300; i++) {
                assertThat(call("pattern", "secret")).containsEntry("count", 0L);
            }
        } finally {
            done.set(true);
            swapper.join();
        }
    }

    @Test
    void furtherRootsAndSingleFiles() throws Exception {
        Files.writeString(further.resolve("f.txt"), "TODO far\n");
        write(".hidden.txt", "TODO near\n");
        for (boolean handles : List.of(true, false)) {
            Path far = further.resolve("f.txt");
            assertThat(matches(callBy(handles, "root", further.toString(), "pattern", "TODO"))
                            .getFirst())
                    .containsEntry("path", far.toString());
            assertThat(matches(callBy(handles, "root", far.toString(), "pattern", "TODO"))
                            .getFirst())
                    .containsEntry("path", far.toString());
            assertThat(matches(callBy(handles, "root", ".hidden.txt", "pattern", "TODO"))
                            .getFirst())
                    .containsEntry("path", ".hidden.txt");
            assertThat(matches(callBy(
                                    handles,
                                    "root",
                                    workspace.resolve(".hidden.txt").toString(),
                                    "pattern",
                                    "near"))
                            .getFirst())
                    .containsEntry("path", ".hidden.txt");
        }
    }

    @Test
    void badArgumentsAreNamed() {
        assertThatThrownBy(() -> call("pattern", "a(b"))
                .hasMessageContaining("a(b")
                .hasMessageContaining("missing closing )")
                .hasMessageContaining("RE2");
        assertThatThrownBy(() -> call("pattern", "a\\nb")).hasMessageContaining("line break");
        assertThatThrownBy(() -> call("pattern", "(?=a)")).hasMessageContaining("RE2");
        assertThatThrownBy(() -> call("pattern", "a", "glob", "{a")).hasMessageContaining("{ without its }");
        assertThatThrownBy(() -> call("pattern", "a", "engine", "grep")).hasMessageContaining("auto, java or rg");
        assertThatThrownBy(() -> call("pattern", "a", "context", 1_000L)).hasMessageContaining("from 0 to 100");
        assertThatThrownBy(() -> call("root", "a\0b", "pattern", "a")).hasMessageContaining("NUL");
    }

    @Test
    void aHardPatternTakesItsTimeInALineNotForEver() throws Exception {
        write("a", "a".repeat(20_000) + "\n" + "é".repeat(2_000) + "\n");
        assertThat(call("pattern", "(a*)*(a|b)*c|(é|é)*(é*)*x")).containsEntry("count", 0L);
    }

    private void write(String path, String text) throws IOException {
        Path file = workspace.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private SearchTool tool(boolean handles) {
        return new SearchTool(new SearchLimits(List.of(further), 10_000, 1 << 20, 1_900, 0, 5, handles));
    }

    private Map<String, Object> call(Object... arguments) throws Exception {
        return callBy(true, arguments);
    }

    private Map<String, Object> callBy(boolean handles, Object... arguments) throws Exception {
        return tool(handles).call(map(arguments), new Caller(workspace));
    }

    private static Map<String, Object> map(Object... arguments) {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            map.put((String) arguments[i], arguments[i + 1]);
        }
        return map;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> matches(Map<String, Object> result) {
        return (List<Map<String, Object>>) Objects.requireNonNull(result.get("matches"));
    }
}
