package dev.viber.hypervisor.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Proves an accelerator by booting a guest of 1 KiB that does in ring 0 what stock kernels do.
 *
 * <p>That {@code /dev/kvm} opens proves nothing: there are paravirtual variants whose machines start, crawl through an
 * instruction emulator and stop at the first instruction it does not know. Nor would a stock kernel prove more than this
 * guest (build/probe-guest): it takes 3 s where this takes 0.2 s, and may not have been built yet.
 */
final class QemuProof {
    /** What the guest gives isa-debug-exit, as QEMU's exit status. */
    private static final int PROVEN = 2 * 0x2a + 1;

    private QemuProof() {}

    /**
     * Boots the guest.
     *
     * @return empty where it did all it should; else what happened instead
     */
    static String fault(QemuCommand qemu, Duration limit) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("viber-probe");
        try {
            return boot(qemu, limit, folder);
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static String boot(QemuCommand qemu, Duration limit, Path folder) throws IOException, InterruptedException {
        Path kernel = Files.write(folder.resolve("guest"), guest());
        Path said = folder.resolve("said");
        // timeout(1) outlives us: a guest that crawls for ever ends even if this process is killed meanwhile.
        List<String> line = new ArrayList<>(List.of("timeout", "-s", "KILL", Long.toString(limit.toSeconds())));
        line.addAll(qemu.base());
        line.addAll(List.of("-m", "64M", "-kernel", kernel.toString(), "-append", "do=probe"));
        line.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-serial", "none"));
        Process process = new ProcessBuilder(line)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        int status;
        try {
            status = process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            throw e;
        }
        if (status == PROVEN) {
            return "";
        }
        String words = Files.readString(said)
                .lines()
                .filter(each -> !each.isBlank())
                .findFirst()
                .map(each -> ": " + each.strip())
                .orElse("");
        return status == 128 + 9
                ? "a guest of 1 KiB did not get through its few instructions in %d s%s"
                        .formatted(limit.toSeconds(), words)
                : "a guest of 1 KiB did not boot (QEMU's exit status %d)%s".formatted(status, words);
    }

    private static byte[] guest() throws IOException {
        try (InputStream in = QemuProof.class.getResourceAsStream("guest.hex")) {
            if (in == null) {
                throw new IOException("the bundle lacks guest.hex");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }
}
