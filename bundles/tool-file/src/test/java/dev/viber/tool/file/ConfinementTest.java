package dev.viber.tool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.viber.api.tool.ToolException;
import dev.viber.tool.file.ConfinedFiles.Confinement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConfinementTest {
    @TempDir
    Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    void takesDirectoryHandlesWhereTheyAre() {
        assertThat(Confinement.best()).isEqualTo(Confinement.HANDLES);
    }

    @ParameterizedTest
    @EnumSource
    void nothingOutsideIsReached(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path secret = desk.outside.resolve("secret");
        Files.createSymbolicLink(desk.workspace.resolve("up"), Path.of("../outside"));
        Files.createSymbolicLink(desk.workspace.resolve("absolute"), desk.outside);
        Files.createSymbolicLink(desk.workspace.resolve("file"), secret);
        Files.createSymbolicLink(desk.workspace.resolve("magic"), Path.of("/proc/self/root"));
        Files.writeString(desk.workspace.resolve("mine"), "mine");

        List<String> escapes = List.of(
                "../outside/secret",
                "x/../../outside/secret",
                secret.toString(),
                desk.workspace + "/../outside/secret",
                "up/secret",
                "absolute/secret",
                "file",
                "magic" + secret);
        for (String path : escapes) {
            refused(desk, path, "file.read", "path", path);
            refused(desk, path, "file.write", "path", path, "text", "x");
            refused(desk, path, "file.write", "path", path, "text", "x", "mode", "append");
            refused(desk, path, "file.edit", "path", path, "old", "secret", "new", "x");
            refused(desk, path, "file.copy", "source", path, "destination", "y");
            refused(desk, path, "file.copy", "source", "mine", "destination", path, "overwrite", true);
            if (!path.equals("file")) { // the link itself is the workspace's own
                refused(desk, path, "file.move", "source", path, "destination", "y");
                refused(desk, path, "file.move", "source", "mine", "destination", path, "overwrite", true);
                refused(desk, path, "file.delete", "path", path);
            }
        }
        for (String path : List.of("..", "up", "absolute", "magic", desk.outside.toString())) {
            refused(desk, path, "file.list", "path", path);
            refused(desk, path, "file.glob", "pattern", "*", "root", path);
            refused(desk, path, "file.stat", "path", path);
            refused(desk, path + "/new/file", "file.write", "path", path + "/new/file", "text", "x");
        }
        assertThat(desk.call("file.list", "recursive", true)).containsEntry("count", 5L);
        desk.call("file.delete", "path", "up", "recursive", true);
        desk.call("file.delete", "path", "file");
        assertThat(secret).hasContent("secret");
        try (var names = Files.list(desk.outside)) {
            assertThat(names).containsExactly(secret);
        }
        try (var names = Files.list(folder)) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("workspace", "outside", "root");
        }
    }

    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(OS.LINUX)
    void magicLinksInsideARootAreRefused(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path proc = Path.of("/proc/self");
        assertThatThrownBy(() -> desk.callIn(proc, "file.read", "path", "root" + desk.outside + "/secret"))
                .isInstanceOf(ToolException.class);
        assertThatThrownBy(() -> desk.callIn(proc, "file.list", "path", "cwd")).isInstanceOf(ToolException.class);
        // A file that says it is empty and is not is read all the same.
        assertThat(desk.callIn(proc, "file.read", "path", "status").get("text"))
                .asString()
                .contains("Threads:");
    }

    @ParameterizedTest
    @EnumSource
    void linksThatStayInsideAreFollowed(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path real = desk.workspace.resolve("real/a");
        desk.call("file.write", "path", "real/a", "text", "1");
        Files.createDirectory(desk.workspace.resolve("deep"));
        Files.createSymbolicLink(desk.workspace.resolve("deep/up"), Path.of("../real"));
        Files.createSymbolicLink(desk.workspace.resolve("absolute"), desk.workspace.resolve("real"));
        Files.createSymbolicLink(desk.workspace.resolve("afile"), real);
        Files.createSymbolicLink(desk.workspace.resolve("future"), Path.of("real/later"));
        Files.createSymbolicLink(desk.workspace.resolve("round"), Path.of("round"));

        for (String path : List.of("deep/up/a", "absolute/a", "afile", "absolute/../real/./a", real.toString())) {
            assertThat(desk.call("file.read", "path", path)).containsEntry("text", "1");
            desk.call("file.write", "path", path, "text", "2");
            assertThat(real).hasContent("2");
            desk.call("file.write", "path", path, "text", "1");
        }
        assertThat(desk.workspace.resolve("afile")).isSymbolicLink();
        desk.call("file.write", "path", "future", "text", "3");
        assertThat(desk.workspace.resolve("real/later")).hasContent("3");
        assertThatThrownBy(() -> desk.call("file.write", "path", "round", "text", "3"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("too many links");
        assertThatThrownBy(() -> desk.call("file.read", "path", "round")).isInstanceOf(ToolException.class);
    }

    @ParameterizedTest
    @EnumSource
    void furtherRootsAreAbsolutePaths(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path root = folder.resolve("root");
        desk.call("file.write", "path", root + "/a", "text", "1");
        desk.call("file.move", "source", root + "/a", "destination", "b");
        desk.call("file.copy", "source", "b", "destination", root + "/c/d");

        assertThat(root.resolve("c/d")).hasContent("1");
        assertThat(desk.call("file.glob", "pattern", "**", "root", root.toString())
                        .get("paths"))
                .isEqualTo(List.of(root + "/c/d"));
        refused(desk, root + "x", "file.list", "path", root + "x");
    }

    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(OS.LINUX)
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void pipesAndDevicesAreRefusedWithoutWaiting(Confinement confinement) throws Exception {
        Desk desk = new Desk(confinement, folder);
        Path pipe = desk.workspace.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        String wanted = "pipe: is a pipe, a device or a socket; wanted a regular file";

        assertThatThrownBy(() -> desk.call("file.read", "path", "pipe"))
                .isInstanceOf(ToolException.class)
                .hasMessage(wanted);
        assertThatThrownBy(() -> desk.call("file.copy", "source", "pipe", "destination", "x"))
                .isInstanceOf(ToolException.class)
                .hasMessage(wanted);
        for (String mode : List.of("append", "overwrite")) {
            assertThatThrownBy(() -> desk.call("file.write", "path", "pipe", "text", "x", "mode", mode))
                    .isInstanceOf(ToolException.class)
                    .hasMessage(wanted);
        }
        assertThat(desk.call("file.stat", "path", "pipe")).containsEntry("type", "other");
        assertThatThrownBy(() -> desk.callIn(Path.of("/dev"), "file.read", "path", "zero"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("wanted a regular file");
    }

    /** A folder that is a link outside at every other instant: whatever is read or written stays inside. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aLinkSwappedDuringTheCallLeadsNowhere() throws Exception {
        Desk desk = new Desk(Confinement.HANDLES, folder);
        Path inside = Files.createDirectory(desk.workspace.resolve("inside"));
        Files.writeString(inside.resolve("secret"), "inside");
        Path swapped = desk.workspace.resolve("swapped");
        Files.createSymbolicLink(swapped, Path.of("inside"));
        AtomicBoolean done = new AtomicBoolean();
        int reached = 0;
        int refused = 0;
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            Future<Integer> swapper = threads.submit((Callable<Integer>) () -> {
                Path next = desk.workspace.resolve("next");
                int swaps = 0;
                while (!done.get()) {
                    Files.createSymbolicLink(next, swaps % 2 == 0 ? desk.outside : Path.of("inside"));
                    Files.move(next, swapped, StandardCopyOption.ATOMIC_MOVE);
                    swaps++;
                }
                return swaps;
            });
            try {
                for (int i = 0; i < 200_000 && (i < 1_500 || reached < 50 || refused < 50); i++) {
                    try {
                        switch (i % 4) {
                            case 0 ->
                                assertThat(desk.call("file.read", "path", "swapped/secret"))
                                        .containsEntry("text", "inside");
                            case 1 ->
                                desk.call("file.write", "path", "swapped/new/" + i, "text", "x", "mode", "create");
                            case 2 -> desk.call("file.copy", "source", "inside/secret", "destination", "swapped/c" + i);
                            default -> desk.call("file.delete", "path", "swapped/c" + (i - 1));
                        }
                        reached++;
                    } catch (ToolException e) {
                        assertThat(e).hasMessageContaining("outside the workspace");
                        refused++;
                    }
                }
            } finally {
                done.set(true);
            }
            assertThat(swapper.get()).isGreaterThan(2);
        }
        assertThat(reached).isGreaterThanOrEqualTo(50);
        assertThat(refused).isGreaterThanOrEqualTo(50);
        assertThat(desk.outside.resolve("secret")).hasContent("secret");
        try (var names = Files.list(desk.outside)) {
            assertThat(names).containsExactly(desk.outside.resolve("secret"));
        }
    }

    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(OS.LINUX)
    void movesToAnotherFileSystem(Confinement confinement) throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory)
                && !Files.getFileStore(memory)
                        .name()
                        .equals(Files.getFileStore(folder).name()));
        Desk desk = new Desk(confinement, folder);
        String root = folder.resolve("root").toString();
        Path other = Files.createTempDirectory(memory, "tool-file-test");
        try {
            desk.callIn(other, "file.write", "path", "d/e/a", "text", "1");
            desk.callIn(other, "file.write", "path", "f", "text", "2");
            Files.createSymbolicLink(other.resolve("d/link"), Path.of("e/a"));

            desk.callIn(other, "file.move", "source", "d", "destination", root + "/d");
            desk.callIn(other, "file.move", "source", "f", "destination", root + "/d/e/a", "overwrite", true);

            assertThat(Path.of(root, "d/link")).isSymbolicLink().hasContent("2");
            assertThat(other).isEmptyDirectory();
        } finally {
            desk.callIn(memory, "file.delete", "path", other.toString(), "recursive", true);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void noHandleIsLeftOpen() throws Exception {
        Desk desk = new Desk(Confinement.HANDLES, folder);
        Files.createSymbolicLink(desk.workspace.resolve("up"), Path.of("../outside"));
        desk.call("file.write", "path", "d/e/a", "text", "1");
        long before = handles();
        for (int i = 0; i < 50; i++) {
            desk.call("file.write", "path", "n/b" + i, "text", "1", "mode", "append");
            desk.call("file.copy", "source", "d", "destination", "c", "overwrite", true);
            desk.call("file.edit", "path", "c/e/a", "old", "1", "new", "2");
            desk.call("file.move", "source", "c/e/a", "destination", "m", "overwrite", true);
            desk.call("file.list", "recursive", true);
            desk.call("file.list", "path", desk.workspace.toString(), "recursive", true, "limit", 1L);
            desk.call("file.glob", "pattern", "**");
            desk.call("file.stat", "path", "d");
            desk.call("file.delete", "path", "c", "recursive", true);
            refused(desk, "up/secret", "file.read", "path", "up/secret");
            for (String path : List.of("d", "absent", "m/x")) {
                assertThatThrownBy(() -> desk.call("file.read", "path", path)).isInstanceOf(ToolException.class);
                assertThatThrownBy(() -> desk.call("file.move", "source", path, "destination", "n"))
                        .isInstanceOf(ToolException.class);
                assertThatThrownBy(() -> desk.call("file.edit", "path", path, "old", "1", "new", "2"))
                        .isInstanceOf(ToolException.class);
            }
        }
        // The JVM opens a few of its own meanwhile; one leaked per round would be fifty.
        assertThat(handles() - before).isLessThan(25);
    }

    private static long handles() throws Exception {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private void refused(Desk desk, String path, String tool, Object... arguments) {
        assertThatThrownBy(() -> desk.call(tool, arguments))
                .as("%s %s", tool, path)
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith(path.replace(desk.workspace + "/", "") + ": leads outside the workspace");
    }
}
