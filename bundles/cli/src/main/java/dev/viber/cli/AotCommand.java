package dev.viber.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code viber aot}: makes this distribution's starts quick on this machine. */
@Command(
        name = "aot",
        description =
                "Try this distribution by a throw-away start, and make later starts quicker by what the JVM learns.",
        mixinStandardHelpOptions = true)
final class AotCommand implements Callable<Integer> {
    @Mixin
    ServerOptions server = new ServerOptions();

    @Option(names = "--if-missing", description = "Do nothing where caches made for this Java and folder are there.")
    boolean ifMissing;

    @Option(names = "--until-eof", hidden = true, description = "End early when stdin ends.")
    boolean untilEof;

    @Option(names = "--rehearse", hidden = true, paramLabel = "URL", description = "Be the client of a training.")
    @Nullable
    String rehearse;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Output output = server.output();
        if (rehearse != null && server.state != null) {
            return rehearse(rehearse, server.state);
        }
        if (untilEof) {
            Eof.exit();
        }
        AotCache cache = AotCache.ours();
        if (cache == null) {
            throw new CommandFailure(
                    Exit.FAILED, "this is no sealed distribution started by its bin/viber: there is nothing to train");
        }
        if (ifMissing && cache.isThere()) {
            output.line("the caches are there");
            return Exit.DONE;
        }
        return switch (new AotTraining(cache).run()) {
            case TRAINED ->
                say(output, "trained; the caches are in " + cache.parent().resolve(cache.key()));
            case ELSEWHERE -> say(output, "another process is training already");
            case NO_CACHE -> say(output, "it runs, but this JVM wrote no cache; starts stay as they are");
        };
    }

    private static int say(Output output, String line) {
        output.line(line);
        return Exit.DONE;
    }

    /** The commands people use most, one after the other in one JVM. */
    private static int rehearse(String api, Path state) throws IOException {
        String server = URI.create(api).resolve("/").toString();
        Path playbook = Files.writeString(state.resolve("rehearsal.yaml"), FirstTask.playbook());
        List<List<String>> commands = List.of(
                List.of("status"),
                List.of("status", "--json"),
                List.of("task", "list"),
                List.of("vibers", "list"),
                List.of("approvals", "list"),
                List.of("run", "-f", playbook.toString(), "--workspace", state.toString()));
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        for (List<String> command : commands) {
            List<String> words = new ArrayList<>(command);
            words.addAll(List.of("--server", server, "--state", state.toString()));
            int code = execute(nowhere, err, words);
            if (code != Exit.DONE) {
                err.println("viber: " + words + " ended with exit code " + code);
                return code;
            }
        }
        execute(nowhere, err, List.of("--help"));
        return execute(nowhere, err, List.of("status", "--state", state.toString()));
    }

    private static int execute(PrintWriter out, PrintWriter err, List<String> words) {
        String[] args = words.toArray(String[]::new);
        CommandLine line = Main.commandLine(args);
        return line.setOut(out).setErr(err).execute(args);
    }
}
