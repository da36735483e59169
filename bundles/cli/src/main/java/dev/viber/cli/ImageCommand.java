package dev.viber.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code viper image ...}: what microVMs boot from. */
@Command(name = "image", description = "Make and check what microVMs boot from.", mixinStandardHelpOptions = true)
final class ImageCommand {
    @Command(
            name = "build",
            description =
                    "Make kernel, root and initramfs out of Debian packages; what is made already is taken again.",
            mixinStandardHelpOptions = true)
    int build(
            @Option(names = "--fresh", description = "Make everything anew.") boolean fresh,
            @Option(names = "--kernel", paramLabel = "KIND", description = "debian (the default) or trimmed.") @Nullable
                    String kernel,
            @Option(names = "--install-tools", description = "Only install what is needed, by apt-get, as root.")
                    boolean tools)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>();
        if (fresh) {
            arguments.add("--fresh");
        }
        if (kernel != null) {
            arguments.addAll(List.of("--kernel", kernel));
        }
        if (tools) {
            arguments.add("--install-tools");
        }
        return run(arguments);
    }

    @Command(name = "check", description = "Compare what is there with its checksums.", mixinStandardHelpOptions = true)
    int check() throws IOException, InterruptedException {
        return run(List.of("--check"));
    }

    /** Where a server looks for images; null where nobody said. */
    static @Nullable Path folder(Map<String, String> environment) {
        String named = environment.getOrDefault("VIBER_SUPERVISOR_IMAGES", "");
        return named.isEmpty() ? null : Path.of(named);
    }

    /** Runs the pipeline of the checkout this program is of; its exit code. */
    static int run(List<String> arguments) throws IOException, InterruptedException {
        String root = System.getenv().getOrDefault("VIBER_ROOT", "");
        Path pipeline = Path.of(root, "build/images/build.py");
        if (root.isEmpty() || !Files.isExecutable(pipeline)) {
            throw new CommandFailure(
                    Exit.FAILED,
                    "images are built from a checkout: run its ./viper image build, not an installed viper");
        }
        List<String> command = new ArrayList<>(List.of(
                pipeline.toString(),
                "--agent",
                Path.of(root, "distribution/target/viper-agent").toString()));
        Path out = folder(System.getenv());
        if (out != null) {
            command.addAll(List.of("--out", out.toString()));
        }
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0 ? Exit.DONE : Exit.FAILED;
    }
}
