package dev.viber.guest.chrome;

import dev.viber.api.guest.AgentLog;
import dev.viber.api.guest.Chrome.Running;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One run of Chrome, from its start to its end. */
final class ChromeProcess {
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://[^:]+:(\\d+)(/\\S+)");
    private static final long ENDS_WITHIN_MS = 3_000;

    private final Process process;
    private final AgentLog log;
    private final CompletableFuture<Matcher> listening = new CompletableFuture<>();

    private ChromeProcess(Process process, AgentLog log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it; whether it comes up is seen by {@link #running}. */
    static ChromeProcess start(Settings settings, AgentLog log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(settings.command()).redirectErrorStream(true);
        // The agent's own settings are not Chrome's business.
        builder.environment().keySet().removeIf(name -> name.startsWith("VIPER_"));
        if (settings.ownUserData()) {
            builder.environment().put("TMPDIR", settings.userData().toString());
        }
        ChromeProcess chrome = new ChromeProcess(builder.start(), log);
        chrome.process.getOutputStream().close();
        Thread.ofVirtual().name("chrome-output").start(chrome::read);
        return chrome;
    }

    /**
     * Waits until its DevTools answer.
     *
     * @throws IOException where it ended before, or did not answer in that time
     */
    Running running(int start, boolean sandboxed, long patienceMs) throws IOException, InterruptedException {
        try {
            Matcher found = listening.get(patienceMs, TimeUnit.MILLISECONDS);
            int port = Integer.parseInt(found.group(1));
            String version = version(port);
            return new Running(
                    start,
                    process.pid(),
                    port,
                    found.group(2),
                    orUnknown(Json.text(version, "Browser")),
                    orUnknown(Json.text(version, "User-Agent")),
                    sandboxed);
        } catch (TimeoutException e) {
            throw new IOException("Chrome's DevTools did not answer within " + patienceMs + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
        }
    }

    /** Waits for its end; the exit code. */
    int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    /** Ends it, by force where it does not go. */
    void end() {
        process.destroy();
        try {
            if (!process.waitFor(ENDS_WITHIN_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it by force. */
    void kill() {
        process.destroyForcibly();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.write("browser", line);
                Matcher matcher = LISTENING.matcher(line);
                if (matcher.find()) {
                    listening.complete(matcher);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            log.write("agent", "Chrome's output broke: " + e.getMessage());
        }
        listening.completeExceptionally(
                new IOException("Chrome ended before its DevTools answered; its last lines are in the log"));
    }

    private static String version(int port) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/json/version")
                .toURL()
                .openConnection(java.net.Proxy.NO_PROXY);
        connection.setReadTimeout(10_000);
        try (var in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String orUnknown(@Nullable String text) {
        return text == null ? "unknown" : text;
    }
}
