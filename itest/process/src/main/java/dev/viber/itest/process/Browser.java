package dev.viber.itest.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A real Chromium, driven by scripts under {@code src/test/browser}. */
final class Browser {
    private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
    private static final Path SCRIPTS = BASE.resolve("src/test/browser");
    private static final Path FOLDER = BASE.resolve("target/browser");

    private Browser() {}

    /** Runs a script with the browser and these arguments; the one JSON object that it prints. */
    static JsonNode run(String script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        install();
        Files.copy(SCRIPTS.resolve(script), FOLDER.resolve(script), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        List<String> command = new java.util.ArrayList<>(List.of("node", script, chromium()));
        command.addAll(List.of(arguments));
        return Rest.JSON.readTree(output(command, environment));
    }

    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        Path wanted = SCRIPTS.resolve("package.json");
        Path present = FOLDER.resolve("package.json");
        if (!Files.exists(FOLDER.resolve("node_modules/axe-core"))
                || !Files.exists(present)
                || Files.mismatch(wanted, present) >= 0) {
            Files.copy(wanted, present, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            output(
                    List.of("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"),
                    Map.of());
        }
    }

    /** The Chromium of this machine. */
    static String chromium() {
        for (String path : List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")) {
            if (Files.isExecutable(Path.of(path))) {
                return path;
            }
        }
        throw new IllegalStateException("no Chromium here; .ci/run installs Debian's package chromium");
    }

    private static String output(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path errors = FOLDER.resolve("stderr.log");
        Path out = FOLDER.resolve("stdout.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException("%s failed: %s%s"
                        .formatted(
                                command,
                                Files.readString(out, StandardCharsets.UTF_8),
                                Files.readString(errors, StandardCharsets.UTF_8)));
            }
            return Files.readString(out, StandardCharsets.UTF_8);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
