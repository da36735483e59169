package dev.viber.supervisor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What machines boot from, and the line their kernels are given. */
final class Images {
    /** The longest line that an x86 kernel takes, its end included. */
    private static final int CMDLINE = 2048;
    /** What the platform says itself. */
    private static final Set<String> OURS =
            Set.of("init", "rdinit", "root", "rootfstype", "rootflags", "ip", "console", "reboot", "panic", "initrd");

    private final SupervisorSettings settings;

    Images(SupervisorSettings settings) {
        this.settings = settings;
    }

    Path kernel() {
        return there("kernel", settings.kernel(), "vmlinux-x86_64");
    }

    /** Null where the machine's whole system lies in the initramfs. */
    @Nullable
    Path root() {
        String root = settings.root();
        if (root.isEmpty()
                && Files.exists(Path.of(settings.images(), "viper-initramfs.cpio.gz"))
                && !Files.exists(Path.of(settings.images(), "viper-root.erofs"))) {
            return null;
        }
        return there("root", root, "viper-root.erofs");
    }

    Path initramfs() {
        return there(
                "initramfs",
                settings.initramfs(),
                root() == null ? "viper-initramfs.cpio.gz" : "viper-modules.cpio.gz");
    }

    /** What machines boot from, told by the digests of the image's own list, or by size and date where it has none. */
    String identity() throws IOException {
        StringBuilder all = new StringBuilder();
        Path root = root();
        for (Path file : root == null ? List.of(kernel(), initramfs()) : List.of(kernel(), initramfs(), root)) {
            all.append(digest(file)).append('\n');
        }
        return HexFormat.of()
                .formatHex(SnapshotFiles.sha256().digest(all.toString().getBytes(UTF_8)), 0, 8);
    }

    private static String digest(Path file) throws IOException {
        Path list = file.resolveSibling("SHA256SUMS");
        if (Files.exists(list)) {
            for (String line : Files.readAllLines(list)) {
                if (line.endsWith("  " + file.getFileName())) {
                    return line;
                }
            }
        }
        return "%s %d %s".formatted(file, Files.size(file), Files.getLastModifiedTime(file));
    }

    private Path there(String what, String configured, String usual) {
        Path path = configured.isEmpty() ? Path.of(settings.images(), usual) : Path.of(configured);
        if (!Files.isReadable(path)) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE,
                    "there is no %s at %s; 'viper image build' makes it".formatted(what, path));
        }
        return path.toAbsolutePath();
    }

    /** The line for this machine's kernel. */
    String cmdline(VmSpec spec, Network.Plan plan, String address) {
        StringBuilder line = new StringBuilder("quiet reboot=t panic=-1 ip=%s::%s:%s:%s:eth0:off:%s"
                .formatted(address, plan.gateway(), plan.netmask(), spec.name(), plan.gateway()));
        if (root() != null) {
            line.append(" root=/dev/vda rootfstype=erofs ro");
        }
        if (spec.kernelCmdline() != null) {
            line.append(' ').append(spec.kernelCmdline());
        }
        return line.toString();
    }

    /** Refuses what must not be asked for, with what was wrong and what is wanted. */
    void check(VmSpec spec) {
        if (!spec.name().matches(VmSpec.NAME_PATTERN)) {
            throw wrong("name is '%s'; wanted %s".formatted(spec.name(), VmSpec.NAME_WORDS));
        }
        between("cpu_cores", spec.cpuCores(), 1, settings.max_cpu_cores());
        between("memory_mb", spec.memoryMb(), 64, settings.max_memory_mb());
        String cmdline = spec.kernelCmdline();
        if (cmdline != null && !cmdline.isEmpty()) {
            if (!cmdline.matches(VmSpec.CMDLINE_PATTERN) || cmdline.length() > CMDLINE / 2) {
                throw wrong("kernel_cmdline is not at most %d letters, digits and '_.,:/=@+-', one blank between words"
                        .formatted(CMDLINE / 2));
            }
            for (String word : cmdline.split(" ", -1)) {
                String name = word.split("=", 2)[0].toLowerCase(Locale.ROOT);
                if (OURS.contains(name) || name.startsWith("viper.")) {
                    throw wrong("kernel_cmdline has '%s', which the platform sets itself".formatted(name));
                }
            }
        }
        List<String> egress = spec.egress();
        if (egress != null) {
            egress.forEach(Images::checkPlace);
        }
    }

    private static final Pattern PLACE =
            Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3})(?:/(?<bits>\\d{1,2})|:(?<port>\\d{1,5}))?");

    private static void checkPlace(String place) {
        Matcher parts = PLACE.matcher(place);
        if (!parts.matches()
                || Stream.of(parts.group(1).split("\\.", -1)).anyMatch(number -> Integer.parseInt(number) > 255)
                || (parts.group("bits") != null && Integer.parseInt(parts.group("bits")) > 32)
                || (parts.group("port") != null && !isPort(Integer.parseInt(parts.group("port"))))) {
            throw wrong(
                    "egress has '%s'; wanted an IPv4 address or network, as 10.1.2.0/24, or a service, as 10.1.2.3:443"
                            .formatted(place));
        }
    }

    private static boolean isPort(int number) {
        return number > 0 && number < 65_536;
    }

    private static void between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw wrong("%s is %d; wanted %d to %d".formatted(what, value, least, most));
        }
    }

    private static ProblemException wrong(String what) {
        return new ProblemException(ProblemException.Kind.INVALID, what);
    }

    /** The machine of a VM. */
    Machine machine(VmSpec spec, String cmdline, Path folder, Path serial, Machine.Nic nic, @Nullable Path template) {
        return new Machine(
                spec.name(),
                folder,
                spec.cpuCores(),
                spec.memoryMb(),
                kernel(),
                initramfs(),
                root(),
                cmdline,
                nic,
                serial,
                template);
    }
}
