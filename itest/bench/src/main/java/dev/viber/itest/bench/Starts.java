package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** How long the daemon and the command line take to start, and what the daemon weighs when it has nothing to do. */
final class Starts {
    /** Seconds from the start of the process to its registration at the gateway; MiB resident some seconds later. */
    record Daemon(double seconds, double mib) {}

    private final Path home;
    private final Server gateway;
    private final String ws;
    private int made;

    Starts(Path home, Server gateway) {
        this.home = home;
        this.gateway = gateway;
        ws = "ws://" + gateway.api().getAuthority();
    }

    /** {@code viber start}: its ready line comes when the gateway has welcomed it. */
    Daemon daemon(Path folder) throws IOException, InterruptedException {
        String id = "daemon" + ++made;
        String token = gateway.viberToken(id);
        Path workspace = Files.createDirectories(folder.resolve("workspace"));
        ProcessBuilder builder = new ProcessBuilder(
                home.resolve("bin/viber").toString(),
                "start",
                "--json",
                "--server",
                ws,
                "--id",
                id,
                "--state",
                folder.resolve("state").toString(),
                "--workspace",
                workspace.toString());
        builder.environment().put("VIBER_TOKEN", token);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        long begin = System.nanoTime();
        Process process =
                builder.redirectError(folder.resolve("stderr.log").toFile()).start();
        try {
            JsonNode ready = Server.readyLine(process);
            double seconds = (System.nanoTime() - begin) / 1e9;
            Thread.sleep(5_000);
            return new Daemon(seconds, Proc.rssKib(ready.path("pid").asLong()) / 1024.0);
        } finally {
            process.destroy();
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** {@code viber status} against the running gateway: seconds of the whole process. */
    double status() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                home.resolve("bin/viber").toString(),
                "status",
                "--server",
                gateway.api().toString());
        builder.environment().put("VIBER_TOKEN", gateway.token());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        long begin = System.nanoTime();
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("viber status: " + said);
        }
        return (System.nanoTime() - begin) / 1e9;
    }
}
