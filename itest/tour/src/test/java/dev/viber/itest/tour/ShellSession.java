package dev.viber.itest.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A shell in which the commands of documents are typed, one after the other, in a home folder of its own.
 *
 * <p>It is a reader at several terminals: what stays, such as {@code viber up}, is put into the background once it says that it
 * is ready. The port that everybody has by default is exchanged for a free one, and words such as {@code TASK}, for which a
 * reader puts in what a command printed, for what was printed last.
 */
final class ShellSession implements AutoCloseable {
    /** Ends an answer of the shell: no command prints it. */
    private static final String END = "\u0001";

    private static final String PORT = "7777";
    private static final String INSTALLED = "/opt/viber";
    private static final Pattern DAEMON = Pattern.compile("(\\w+=\\S+ +)*(\\./)?viber (up|server|start)\\b.*");
    private static final Pattern REMARK = Pattern.compile("(^|\\s+)#.*");
    /** What a reader puts in for a word, by where it was printed. */
    private static final Map<String, Pattern> PRINTED = Map.of(
            "TASK", Pattern.compile("(?m)^task (\\S+)"),
            "PID", Pattern.compile("\\(pid (\\d+)"));

    // eval in the shell itself, so that what a line sets is there for the next one.
    private static final String PROLOGUE = """
            daemons=
            leave() {
              for each in $daemons; do kill "$each" 2>/dev/null || :; done
              for each in $daemons; do wait "$each" 2>/dev/null || :; done
            }
            trap leave EXIT
            trap 'exit 1' HUP INT TERM
            curl() { command curl -fsS "$@"; }
            run() {
              status=0
              eval "$1" >"$said" 2>&1 </dev/null || status=$?
              cat "$said"
              # What was told to end is gone before a reader types on.
              case $1 in kill\\ *) wait "${1##* }" 2>/dev/null || : ;; esac
              printf '\\n\\001%s\\n' "$status"
            }
            start() {
              rm -f "$said.pipe"
              mkfifo "$said.pipe"
              eval "$1 >\\"\\$said.pipe\\" 2>\\"\\$said.log\\" </dev/null &"
              daemons="$daemons $!"
              exec 3<"$said.pipe"
              status=1
              while read -r line <&3; do
                printf '%s\\n' "$line"
                case $line in ${2}*) status=0; break ;; esac
              done
              # What it says later is read as well, or the pipe would fill.
              cat <&3 >/dev/null &
              exec 3<&-
              [ $status -eq 0 ] || cat "$said.log"
              printf '\\n\\001%s\\n' "$status"
            }
            """;

    private final Process shell;
    private final Writer in;
    private final BufferedReader out;
    private final int port;
    private final Path viber;
    private final Map<String, String> printed = new HashMap<>();

    /**
     * A shell.
     *
     * @param folder for its home, which is made
     * @param distribution as it was built
     * @param port a free one
     */
    ShellSession(Path folder, Path distribution, int port) throws IOException {
        this.port = port;
        this.viber = distribution;
        Path home = Files.createDirectories(folder.resolve("home"));
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("viber"), distribution.resolve("bin/viber"));
        ProcessBuilder builder =
                new ProcessBuilder("sh").directory(folder.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(key -> key.matches("(VIBER|VIPER|XDG)_.*"));
        environment.put("HOME", home.toString());
        environment.put("PATH", bin + ":" + environment.get("PATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("VIPER_API_LISTEN", "127.0.0.1:" + port);
        // The caches have a test of their own; here their training would only take the cores.
        environment.put("VIBER_AOT", "off");
        environment.put("said", folder.resolve("said").toString());
        shell = builder.start();
        in = shell.outputWriter(StandardCharsets.UTF_8);
        out = shell.inputReader(StandardCharsets.UTF_8);
        in.write(PROLOGUE);
    }

    /** Goes to a folder, where {@code ./viber} is the program too. */
    void enter(Path folder) throws IOException {
        Path here = folder.resolve("viber");
        if (!Files.exists(here)) {
            Files.createSymbolicLink(here, viber.resolve("bin/viber"));
        }
        type("here", "cd '" + folder + "'");
    }

    /** Types every command of a block; each must do well. */
    void type(Block block) throws IOException {
        for (String command : commands(block.text())) {
            type(block.place(), command);
        }
    }

    /** Types a command, which must do well, and returns what it said. */
    String type(String place, String command) throws IOException {
        String bare = REMARK.matcher(command).replaceAll("").strip();
        if (bare.isEmpty()) {
            return "";
        }
        String filled = filled(place, bare).replace(":" + PORT, ":" + port).replace(INSTALLED, viber.toString());
        boolean stays = DAEMON.matcher(bare).matches();
        // The last thing that up says is how to go on.
        String ready = bare.matches(".*viber up\\b.*") ? "go" : "ready:";
        in.write(stays ? "start %s %s\n".formatted(quoted(filled), ready) : "run %s\n".formatted(quoted(filled)));
        in.flush();
        List<String> said = new ArrayList<>();
        String line = out.readLine();
        for (; line != null && !line.startsWith(END); line = out.readLine()) {
            said.add(line);
        }
        String text = String.join("\n", said).strip();
        assertThat(line).as("%s: $ %s%n%s", place, filled, text).isEqualTo(END + "0");
        PRINTED.forEach((word, pattern) -> {
            Matcher found = pattern.matcher(text);
            while (found.find()) {
                printed.put(word, found.group(1));
            }
        });
        return text;
    }

    private String filled(String place, String command) {
        String filled = command;
        for (String word : PRINTED.keySet()) {
            Matcher wanted = Pattern.compile("\\b" + word + "\\b").matcher(filled);
            if (wanted.find()) {
                assertThat(printed)
                        .as("%s: %s was printed by a command before", place, word)
                        .containsKey(word);
                filled = wanted.replaceAll(printed.get(word));
            }
        }
        return filled;
    }

    /** Lines, those with a backslash at their end together with the next. */
    private static List<String> commands(String text) {
        List<String> out = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        for (String line : text.lines().toList()) {
            command.append(command.isEmpty() ? "" : "\n").append(line);
            if (!line.endsWith("\\")) {
                out.add(command.toString());
                command.setLength(0);
            }
        }
        return out;
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    @Override
    public void close() throws IOException {
        // SIGTERM: the shell ends what it started; what hangs in the foreground is ended before, or it would wait for
        // that.
        shell.descendants().forEach(ProcessHandle::destroy);
        shell.destroy();
        try {
            if (!shell.waitFor(30, TimeUnit.SECONDS)) {
                shell.descendants().forEach(ProcessHandle::destroyForcibly);
                shell.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
