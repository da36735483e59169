package dev.viber.tool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.tool.ToolException;
import dev.viber.tool.file.ConfinedFiles.Confinement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class FileToolsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void readsTextAndBytesAndParts(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Files.writeString(desk.workspace.resolve("größe 你好.txt"), "héllo");
        Files.write(desk.workspace.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});

        assertThat(desk.call("file.read", "path", "größe 你好.txt"))
                .isEqualTo(Map.of(
                        "text",
                        "héllo",
                        "bytes",
                        6L,
                        "size",
                        6L,
                        "truncated",
                        false,
                        "sha256",
                        "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179"));
        assertThat(desk.call("file.read", "path", "größe 你好.txt", "offset", 3L, "limit", 2L))
                .containsEntry("text", "ll")
                .containsEntry("bytes", 2L)
                .containsEntry("truncated", true);
        assertThat(desk.call("file.read", "path", "größe 你好.txt", "limit", 2L))
                .containsEntry("base64", Base64.getEncoder().encodeToString(new byte[] {'h', (byte) 0xc3}));
        assertThat(desk.call("file.read", "path", "binary")).containsEntry("base64", "/wAB");
        assertThat(desk.call("file.read", "path", "binary", "offset", 9L))
                .containsEntry("bytes", 0L)
                .containsEntry("truncated", false);
        assertThatThrownBy(() -> desk.call("file.read", "path", "absent"))
                .isInstanceOf(ToolException.class)
                .hasMessage("absent: no such file or directory");
        assertThatThrownBy(() -> desk.call("file.read", "path", "."))
                .isInstanceOf(ToolException.class)
                .hasMessage(".: is a directory; wanted a regular file");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsReadIsSmallEnoughForAResult(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        byte[] noText = new byte[1 << 20];
        Arrays.fill(noText, (byte) 0xff);
        Map<String, byte[]> files = Map.of(
                "letters", "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8),
                "lines", "\"\n".repeat(1 << 19).getBytes(StandardCharsets.UTF_8),
                "control", "\u0001".repeat(1 << 20).getBytes(StandardCharsets.UTF_8),
                "wide", "x你".repeat(1 << 18).getBytes(StandardCharsets.UTF_8),
                "bytes", noText);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(desk.workspace.resolve(file.getKey()), file.getValue());
            Map<String, Object> read = desk.call("file.read", "path", file.getKey());
            long bytes = (long) Objects.requireNonNull(read.get("bytes"));
            assertThat(new JsonMapper().writeValueAsBytes(read).length)
                    .as(file.getKey())
                    .isBetween((1 << 20) - 8192, 1 << 20);
            assertThat(read).containsEntry("truncated", true).containsEntry("size", (long) file.getValue().length);
            assertThat(desk.call("file.read", "path", file.getKey(), "offset", bytes, "limit", 3L))
                    .as("what was left out follows")
                    .containsEntry("bytes", 3L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readLimitKeepsTextWhole(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder, 4, 16, 10);
        Files.writeString(desk.workspace.resolve("a"), "abcéf");

        assertThat(desk.call("file.read", "path", "a"))
                .containsEntry("text", "abc")
                .containsEntry("bytes", 3L)
                .containsEntry("truncated", true);
        assertThat(desk.call("file.read", "path", "a", "offset", 3L)).containsEntry("text", "éf");
        assertThatThrownBy(() -> desk.call("file.write", "path", "b", "text", "x".repeat(17)))
                .isInstanceOf(ToolException.class)
                .hasMessage("b: 17 bytes to write are too many; wanted at most 16");
    }

    @ParameterizedTest
    @EnumSource
    void writesInEachMode(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path file = desk.workspace.resolve("new/deep/a.txt");

        assertThat(desk.call("file.write", "path", "new/deep/a.txt", "text", "é", "mode", "create"))
                .containsEntry("bytes", 2L)
                .containsEntry("sha256", Contents.sha256("é".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> desk.call("file.write", "path", "new/deep/a.txt", "text", "2", "mode", "create"))
                .isInstanceOf(ToolException.class)
                .hasMessage("new/deep/a.txt: exists already; wanted a path that does not");
        assertThat(file).hasContent("é");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        desk.call("file.write", "path", file.toString(), "base64", "AAH/");
        assertThat(file).hasBinaryContent(new byte[] {0, 1, -1});
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rwx------");

        desk.call("file.write", "path", "new/deep/a.txt", "base64", "Ag==", "mode", "append");
        desk.call("file.write", "path", "log", "text", "1", "mode", "append");
        assertThat(file).hasBinaryContent(new byte[] {0, 1, -1, 2});
        assertThat(desk.workspace.resolve("log")).hasContent("1");
        try (var names = Files.list(file.getParent())) {
            assertThat(names).containsExactly(file);
        }
        assertThatThrownBy(() -> desk.call("file.write", "path", "new", "text", ""))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("new: is a directory");
        assertThatThrownBy(() -> desk.call("file.write", "path", "x", "text", "", "base64", ""))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("either 'text' or 'base64'");
    }

    @ParameterizedTest
    @EnumSource
    void repeatsOnlyWhatMayBeRepeated(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        var write = desk.tool("file.write");
        assertThat(write.isIdempotent(Desk.map("mode", "append"))).isFalse();
        assertThat(write.isIdempotent(Desk.map("mode", "overwrite"))).isTrue();
        assertThat(write.isIdempotent(Desk.map())).isTrue();
        assertThat(desk.tool("file.edit").isIdempotent(Desk.map())).isFalse();
        assertThat(desk.tool("file.move").isIdempotent(Desk.map())).isFalse();
        assertThat(desk.tool("file.copy").isIdempotent(Desk.map())).isFalse();
        assertThat(desk.tool("file.copy").isIdempotent(Desk.map("overwrite", true)))
                .isTrue();
        assertThat(List.of("read", "list", "glob", "stat", "delete"))
                .allMatch(verb -> desk.tool("file." + verb).isIdempotent(Map.of()));
    }

    @ParameterizedTest
    @EnumSource
    void neverShowsHalfAFile(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path file = desk.workspace.resolve("a");
        String ones = "1".repeat(300_000);
        String twos = "2".repeat(300_000);
        Files.writeString(file, ones);
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> reader = threads.submit((Callable<Integer>) () -> {
                int seen = 0;
                do {
                    assertThat(Files.readString(file)).isIn(ones, twos);
                    seen++;
                } while (!done.get());
                return seen;
            });
            try {
                for (int i = 0; i < 30; i++) {
                    desk.call("file.write", "path", "a", "text", i % 2 == 0 ? twos : ones);
                }
            } finally {
                done.set(true);
            }
            assertThat(reader.get()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void editsExactlyOneOrAll(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path file = desk.workspace.resolve("a");
        Files.writeString(file, "one two two");

        assertThat(desk.call("file.edit", "path", "a", "old", "one", "new", "1"))
                .containsEntry("replacements", 1L)
                .containsEntry("bytes", 9L);
        assertThatThrownBy(() -> desk.call("file.edit", "path", "a", "old", "two", "new", "2"))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("a: the text to replace occurs 2 times");
        assertThatThrownBy(() -> desk.call("file.edit", "path", "a", "old", "three", "new", "3"))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("a: the text to replace does not occur");
        desk.call("file.edit", "path", "a", "old", "two", "new", "$2", "all", true);
        assertThat(file).hasContent("1 $2 $2");

        Files.write(file, new byte[] {-1});
        assertThatThrownBy(() -> desk.call("file.edit", "path", "a", "old", "x", "new", "y"))
                .isInstanceOf(ToolException.class)
                .hasMessage("a: is not UTF-8; wanted a text file");
    }

    @ParameterizedTest
    @EnumSource
    void listsAndFindsInOrder(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        for (String path : List.of("B.java", "src/A.java", "src/deep/ü.java", "src/x.txt", ".git/c.java")) {
            desk.call("file.write", "path", path, "text", "1234");
        }
        Files.createSymbolicLink(desk.workspace.resolve("loop"), Path.of("."));

        assertThat(paths(desk.call("file.list"))).containsExactly("B.java", "loop", "src");
        assertThat(paths(desk.call("file.list", "path", "src", "recursive", true)))
                .containsExactly("src/A.java", "src/deep", "src/deep/ü.java", "src/x.txt");
        assertThat(paths(desk.call("file.list", "hidden", true))).contains(".git");
        assertThat(Desk.list(desk.call("file.list"), "entries").getFirst())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("type", "file")
                .containsEntry("size", 4L);
        assertThat(desk.call("file.list", "limit", 2L))
                .containsEntry("truncated", true)
                .containsEntry("count", 2L);

        assertThat(found(desk, "**/*.java")).containsExactly("B.java", "src/A.java", "src/deep/ü.java");
        assertThat(found(desk, "*.java")).containsExactly("B.java");
        assertThat(found(desk, "src/{A,x}.[jt]*")).containsExactly("src/A.java", "src/x.txt");
        assertThat(found(desk, "src/**/?.java")).containsExactly("src/A.java", "src/deep/ü.java");
        assertThat(found(desk, ".git/**")).containsExactly(".git/c.java");
        assertThat(desk.call("file.glob", "pattern", "*", "root", "src").get("paths"))
                .isEqualTo(List.of("src/A.java", "src/x.txt"));
        assertThatThrownBy(() -> found(desk, "{a"))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("pattern '{a': a { without its }");
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhatIsThere(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        desk.call("file.write", "path", "a", "text", "1");
        Files.setPosixFilePermissions(desk.workspace.resolve("a"), PosixFilePermissions.fromString("rw-r-----"));

        assertThat(desk.call("file.stat", "path", "a"))
                .containsEntry("exists", true)
                .containsEntry("type", "file")
                .containsEntry("size", 1L)
                .containsEntry("permissions", "rw-r-----")
                .containsEntry(
                        "modified",
                        Files.getLastModifiedTime(desk.workspace.resolve("a"))
                                .toInstant()
                                .truncatedTo(java.time.temporal.ChronoUnit.MILLIS)
                                .toString());
        assertThat(desk.call("file.stat", "path", ".")).containsEntry("type", "directory");
        for (String absent : List.of("absent", "absent/b", "a/b")) {
            assertThat(desk.call("file.stat", "path", absent)).isEqualTo(Map.of("exists", false, "path", absent));
        }
    }

    @ParameterizedTest
    @EnumSource
    void movesCopiesAndDeletes(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path at = desk.workspace;
        desk.call("file.write", "path", "d/e/a", "text", "1");
        Files.createSymbolicLink(at.resolve("d/link"), Path.of("e/a"));
        Files.setPosixFilePermissions(at.resolve("d/e"), PosixFilePermissions.fromString("rwx------"));

        assertThat(desk.call("file.copy", "source", "d", "destination", "n/copy"))
                .containsEntry("files", 4L)
                .containsEntry("bytes", 1L);
        assertThat(at.resolve("n/copy/link")).isSymbolicLink().hasContent("1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(at.resolve("n/copy/e"))))
                .isEqualTo("rwx------");
        assertThatThrownBy(() -> desk.call("file.copy", "source", "d/e/a", "destination", "n/copy/e/a"))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("n/copy/e/a: exists already");
        assertThatThrownBy(() -> desk.call("file.copy", "source", "d", "destination", "d/e/d"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("lies within the source");

        desk.call("file.move", "source", "n/copy/e/a", "destination", "m/b");
        assertThat(at.resolve("n/copy/e/a")).doesNotExist();
        assertThat(at.resolve("m/b")).hasContent("1");
        assertThatThrownBy(() -> desk.call("file.move", "source", "m/b", "destination", "d/e/a"))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("d/e/a: exists already");
        desk.call("file.write", "path", "m/b", "text", "2");
        desk.call("file.move", "source", "m/b", "destination", "d/e/a", "overwrite", true);
        assertThat(at.resolve("d/e/a")).hasContent("2");
        assertThatThrownBy(() -> desk.call("file.move", "source", "d", "destination", "d/e/d"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("lies within the source");
        assertThatThrownBy(() -> desk.call("file.move", "source", "absent", "destination", "x"))
                .isInstanceOf(ToolException.class)
                .hasMessage("absent: no such file or directory");

        assertThatThrownBy(() -> desk.call("file.delete", "path", "d"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("recursive: true");
        assertThat(desk.call("file.delete", "path", "d/link")).containsEntry("deleted", 1L);
        assertThat(desk.call("file.delete", "path", "d", "recursive", true)).containsEntry("deleted", 3L);
        assertThat(desk.call("file.delete", "path", "d")).containsEntry("deleted", 0L);
        assertThat(at.resolve("d")).doesNotExist();
        assertThatThrownBy(() -> desk.call("file.delete", "path", ".", "recursive", true))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("does not end in the name");
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfProgressAndStopsWhenCancelled(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path many = Files.createDirectory(desk.workspace.resolve("many"));
        for (int i = 0; i < 1_500; i++) {
            Files.createFile(many.resolve("f" + i));
        }
        desk.call("file.list", "path", "many");
        assertThat(desk.progress).containsExactly(Map.of("entries", 1_000L));

        AtomicInteger asked = new AtomicInteger();
        desk.cancelled = () -> asked.incrementAndGet() > 100;
        assertThatThrownBy(() -> desk.call("file.delete", "path", "many", "recursive", true))
                .isInstanceOf(InterruptedException.class);
        assertThat(Files.exists(many.resolve("f999"))).isTrue();

        desk.cancelled = () -> false;
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> desk.call("file.list")).isInstanceOf(InterruptedException.class);

        Files.write(desk.workspace.resolve("big"), new byte[1 << 20]);
        asked.set(0);
        desk.cancelled = () -> asked.incrementAndGet() > 5;
        assertThatThrownBy(() -> desk.call("file.copy", "source", "big", "destination", "bigger"))
                .isInstanceOf(InterruptedException.class);
        try (var names = Files.list(desk.workspace)) {
            assertThat(names.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("many", "big");
        }
    }

    private static List<String> found(Desk desk, String pattern) throws Exception {
        return Desk.list(desk.call("file.glob", "pattern", pattern), "paths").stream()
                .map(String.class::cast)
                .toList();
    }

    private static List<String> paths(Map<String, Object> result) {
        return Desk.list(result, "entries").stream()
                .map(entry -> (String) Objects.requireNonNull(((Map<?, ?>) entry).get("path")))
                .toList();
    }
}
