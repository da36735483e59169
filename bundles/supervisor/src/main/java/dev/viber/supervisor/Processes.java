package dev.viber.supervisor;

import dev.viber.api.vm.Hypervisor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Processes that outlive their starter: in a session of their own, with files for what they print. */
final class Processes {
    /** Who a process is: a pid alone may be another's by now. */
    record Identity(long pid, long startTicks, String bootId) {}

    private static final Path PROC = Path.of("/proc");

    private Processes() {}

    /** Starts a process that no signal to the server's group reaches. */
    static Identity start(Hypervisor.Command command, Path folder, Path output) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("setsid"));
        arguments.addAll(command.arguments());
        ProcessBuilder builder = new ProcessBuilder(arguments)
                .directory(folder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("VIBER_") || name.startsWith("VIPER_"));
        builder.environment().putAll(command.environment());
        Process process = builder.start();
        return identify(process.pid())
                .orElseThrow(() -> new IOException(
                        "%s ended at once".formatted(command.arguments().getFirst())));
    }

    private static java.util.Optional<Identity> identify(long pid) throws IOException {
        OptionalLong ticks = startTicks(pid);
        return ticks.isEmpty()
                ? java.util.Optional.empty()
                : java.util.Optional.of(new Identity(pid, ticks.getAsLong(), bootId()));
    }

    /** Whether it is still there, and not a successor to its pid. */
    static boolean isAlive(Identity identity) throws IOException {
        OptionalLong ticks = startTicks(identity.pid());
        return ticks.isPresent() && ticks.getAsLong() == identity.startTicks() && bootId().equals(identity.bootId());
    }

    /** Field 22 of {@code /proc/PID/stat}; empty where there is none, or only a zombie. */
    private static OptionalLong startTicks(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[0].equals("Z") || fields[0].equals("X")
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(fields[19]));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Of the host's present boot. */
    static String bootId() throws IOException {
        return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    }

    /** The processes whose command line names this folder, or something below it. */
    static List<Long> naming(Path folder) throws IOException {
        String wanted = folder + "/";
        List<Long> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(PROC)) {
            for (Path process : (Iterable<Path>) processes::iterator) {
                String name = process.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit) && names(process, wanted)) {
                    found.add(Long.parseLong(name));
                }
            }
        }
        found.remove(ProcessHandle.current().pid());
        return found;
    }

    private static boolean names(Path process, String wanted) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8).contains(wanted);
        } catch (IOException e) {
            return false; // it has ended in the meantime
        }
    }
}
