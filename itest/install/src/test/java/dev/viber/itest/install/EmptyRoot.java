package dev.viber.itest.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A root folder with nearly nothing in it, in which commands are run with process numbers of their own: none outlives its call. */
final class EmptyRoot {
    /** Against a hang only; the machine is shared. */
    private static final long PATIENCE_MINUTES = 10;

    private static final String ENTER = """
            set -e
            mount --bind "$1" "$1"
            mount -t proc proc "$1/proc"
            for device in null zero random urandom; do mount --bind "/dev/$device" "$1/dev/$device"; done
            exec chroot "$1" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 /bin/sh -c "$2"
            """;

    private final Path folder;

    EmptyRoot(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        Path script = Path.of("src/test/resources/empty-root.sh").toAbsolutePath();
        Result made = outside(List.of("sh", script.toString(), folder.toString()));
        assertThat(made.code()).as(made.said()).isZero();
    }

    /** What a command said on both streams, and its exit code. */
    record Result(int code, String said) {}

    /** A path inside, seen from outside. */
    Path at(String path) {
        return folder.resolve(path.substring(1));
    }

    /** Runs a line of shell inside. */
    Result sh(String line) throws IOException, InterruptedException {
        return outside(List.of(
                "unshare",
                "--map-root-user",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                ENTER,
                "enter",
                folder.toString(),
                line));
    }

    /** Runs a line of shell inside, which is to succeed; what it said. */
    String ok(String line) throws IOException, InterruptedException {
        Result result = sh(line);
        assertThat(result.code()).as(line + "\n" + result.said()).isZero();
        return result.said();
    }

    /** Runs a line of shell inside, which is to fail with exit code 1; what it said. */
    String refused(String line) throws IOException, InterruptedException {
        Result result = sh(line);
        assertThat(result.code()).as(line + "\n" + result.said()).isEqualTo(1);
        return result.said();
    }

    /** Runs a command outside. */
    static Result outside(List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("viber", ".said");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            String text = Files.readString(said);
            assertThat(ended).as(command + " hangs:\n" + text).isTrue();
            return new Result(process.exitValue(), text);
        } finally {
            Files.delete(said);
        }
    }
}
