package dev.viber.cli;

import dev.viber.api.rest.DecisionRequest;
import dev.viber.api.task.Approval;
import dev.viber.client.ViberClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber approvals ...}: what tasks ask, and the answers. */
@Command(name = "approvals", description = "List and answer what tasks ask.", mixinStandardHelpOptions = true)
final class ApprovalsCommand {
    @Command(name = "list", description = "List questions, open ones first.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--task", paramLabel = "ID", description = "Only of this task.") @Nullable String task,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit) {
        Map<String, @Nullable Object> filter = new HashMap<>();
        filter.put("taskId", task);
        try (ViberClient client = server.client()) {
            List<Approval> found = Pages.read(limit, filter, client::approvals);
            server.output()
                    .table(
                            found,
                            List.of("ID", "STATE", "TASK", "TOOL", "REASON"),
                            found.stream()
                                    .map(each -> List.of(
                                            each.id(),
                                            each.state(),
                                            each.taskId(),
                                            Output.text(each.tool()),
                                            Output.brief(each.reason(), 80)))
                                    .toList(),
                            "no questions");
        }
        return Exit.DONE;
    }

    @Command(name = "allow", description = "Answer yes.", mixinStandardHelpOptions = true)
    int allow(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--remember", description = "Alike from now on: for the task, or the viber.") @Nullable
                    String remember) {
        return decide(server, id, true, remember);
    }

    @Command(name = "deny", description = "Answer no.", mixinStandardHelpOptions = true)
    int deny(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--remember", description = "Alike from now on: for the task, or the viber.") @Nullable
                    String remember) {
        return decide(server, id, false, remember);
    }

    private static int decide(ServerOptions server, String id, boolean allow, @Nullable String remember) {
        try (ViberClient client = server.client()) {
            Approval answered = client.decide(id, new DecisionRequest(allow, remember));
            server.output().show(answered, answered.id() + " is " + answered.state());
        }
        return Exit.DONE;
    }
}
