package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * QEMU without the product: the command line that the product has used for a machine, with other paths and, for several of
 * them, other cards.
 */
final class RawQemu {
    /** A card and what stands behind it. */
    record Nic(String tap, String mac, String address, String gateway) {
        /** Another one, such as nobody else has: they are counted from 200 on, which the product does not reach here. */
        Nic other(int index) {
            String subnet = address.substring(0, address.lastIndexOf('.') + 1);
            return new Nic(
                    "raw" + index,
                    mac.substring(0, mac.length() - 2) + "%02x".formatted(200 + index),
                    subnet + (200 + index),
                    gateway);
        }
    }

    private final List<String> line;
    private final Path theirs;
    private final Nic nic;

    private RawQemu(List<String> line, String address) {
        this.line = line;
        theirs = Path.of(value(line, "path=", "qmp.sock")).getParent();
        nic = new Nic(
                value(line, "ifname=", ""),
                value(line, "mac=", ""),
                address,
                address.substring(0, address.lastIndexOf('.') + 1) + "1");
    }

    /** The line of a process that runs. */
    static RawQemu of(long pid, String address) throws IOException {
        return new RawQemu(line(pid), address);
    }

    /** The words a process was started with. */
    static List<String> line(long pid) throws IOException {
        return List.of(Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                        .split("\0", -1))
                .stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The file of a machine's console. */
    static Path serial(List<String> line) {
        return Path.of(value(line, "logfile=", "serial.log"));
    }

    /** What stands behind the first such option that ends so. */
    String value(String name, String end) {
        return value(line, name, end);
    }

    private static String value(List<String> line, String name, String end) {
        return line.stream()
                .flatMap(word -> List.of(word.split(",", -1)).stream())
                .filter(part -> part.startsWith(name) && part.endsWith(end))
                .map(part -> part.substring(name.length()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no %s in %s".formatted(name, line)));
    }

    Nic nic() {
        return nic;
    }

    /**
     * A guest in a folder to be made, its tap made already.
     *
     * @param memory the file of a snapshot, where it is to begin as another than the line's
     */
    RawGuest guest(Path folder, Nic card, @Nullable Path memory) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path serial = serial(line);
        List<String> own = line.stream()
                .map(word -> word.replace(
                                serial.toString(), folder.resolve("serial.log").toString())
                        .replace(theirs.toString(), folder.toString())
                        .replace("ifname=" + nic.tap(), "ifname=" + card.tap())
                        .replace("mac=" + nic.mac(), "mac=" + card.mac()))
                .map(word -> memory == null ? word : word.replaceFirst("mem-path=[^,]+", "mem-path=" + memory))
                .toList();
        // What its console is typed into, and prints to beside the file: QEMU wants both to be there.
        new ProcessBuilder("mkfifo", folder.resolve("console.in").toString())
                .inheritIO()
                .start()
                .waitFor();
        Files.createSymbolicLink(folder.resolve("console.out"), Path.of("/dev/null"));
        return new RawGuest(own, card, folder);
    }
}
