package dev.viber.cli;

import dev.viber.client.ViberClient;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber task dead ...}: tasks that were given up. */
@Command(name = "dead", description = "List, retry and prune tasks given up.", mixinStandardHelpOptions = true)
final class DeadLetterCommand {
    @Command(name = "list", description = "List dead letters.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--viber", paramLabel = "ID", description = "Only of this viber.") @Nullable String viber,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit) {
        Map<String, @Nullable Object> filter = new HashMap<>();
        filter.put("viberId", viber);
        try (ViberClient client = server.client()) {
            TaskCommand.print(server.output(), Pages.read(limit, filter, client::deadLetters), "no dead letters");
        }
        return Exit.DONE;
    }

    @Command(name = "retry", description = "Try a dead letter again.", mixinStandardHelpOptions = true)
    int retry(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        return TaskCommand.change(server, client -> client.retryDeadLetter(id));
    }

    @Command(name = "prune", description = "Take dead letters off the desk for good.", mixinStandardHelpOptions = true)
    int prune(
            @Mixin ServerOptions server,
            @Parameters(arity = "0..1", paramLabel = "ID") @Nullable String id,
            @Option(names = "--all", description = "All of them.") boolean all) {
        if (all == (id != null)) {
            throw new CommandFailure(Exit.USAGE, "say either the ID of one dead letter or --all");
        }
        try (ViberClient client = server.client()) {
            int pruned = client.pruneDeadLetters(id);
            server.output().show(Map.of("pruned", pruned), pruned + " pruned");
        }
        return Exit.DONE;
    }
}
