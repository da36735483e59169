package dev.viber.itest.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** The image of guests of 1 KiB, which stand in a moment; what they do is said by {@code do=} on the kernel's line. */
final class Probe {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "../..");

    private Probe() {}

    /** Makes the folder of the image. */
    static String images(Path dir) throws IOException {
        Path images = Files.createDirectories(dir.resolve("images"));
        String hex = Files.readString(ROOT.resolve("build/probe-guest/guest.hex"), StandardCharsets.US_ASCII);
        Files.write(images.resolve("vmlinux-x86_64"), HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
        Files.write(images.resolve("viper-initramfs.cpio.gz"), new byte[512]);
        return images.toString();
    }
}
