package dev.viber.cli;

import dev.viber.api.rest.DecisionRequest;
import dev.viber.api.task.Approval;
import dev.viber.client.ViberClient;
import java.time.Instant;
import java.util.ArrayList;
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
            @Option(names = "--local", description = "Those of the viber of this machine, without a server.")
                    boolean local,
            @Option(names = "--task", paramLabel = "ID", description = "Only of this task.") @Nullable String task,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit)
            throws Exception {
        if (local || (task != null && task.startsWith(Following.LOCAL))) {
            return LocalDaemon.withViber(server, daemon -> show(server.output(), ofThisViber(daemon, task), limit));
        }
        Map<String, @Nullable Object> filter = new HashMap<>();
        filter.put("taskId", task);
        try (ViberClient client = server.client()) {
            return show(server.output(), Pages.read(limit, filter, client::approvals), limit);
        }
    }

    private static List<Approval> ofThisViber(LocalDaemon daemon, @Nullable String task) {
        List<Approval> found = new ArrayList<>();
        for (Map<?, ?> row : items(daemon.call(Map.of("call", "approvals"), _ -> {}))) {
            if (task == null || task.equals(row.get("taskId"))) {
                found.add(approval(row));
            }
        }
        return found;
    }

    private static Approval approval(Map<?, ?> row) {
        Map<String, Object> arguments = new HashMap<>();
        if (row.get("arguments") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> arguments.put(String.valueOf(name), value));
        }
        return new Approval(
                String.valueOf(row.get("id")),
                String.valueOf(row.get("taskId")),
                row.get("tool") == null ? null : String.valueOf(row.get("tool")),
                arguments,
                String.valueOf(row.get("reason")),
                String.valueOf(row.get("state")),
                row.get("by") == null ? null : String.valueOf(row.get("by")),
                Instant.parse(String.valueOf(row.get("createdAt"))),
                null);
    }

    private static List<Map<?, ?>> items(Map<String, Object> answer) {
        List<Map<?, ?>> items = new ArrayList<>();
        if (answer.get("items") instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> row) {
                    items.add(row);
                }
            }
        }
        return items;
    }

    private static int show(Output output, List<Approval> all, int limit) {
        List<Approval> found = all.subList(0, Math.min(limit, all.size()));
        output.table(
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
        return Exit.DONE;
    }

    @Command(
            name = "remembered",
            description = "List the answers the viber of this machine gives alike from now on, or forget one.",
            mixinStandardHelpOptions = true)
    int remembered(
            @Mixin ServerOptions server,
            @Option(names = "--forget", paramLabel = "ID", description = "Forget this one.") @Nullable String forget)
            throws Exception {
        return LocalDaemon.withViber(server, daemon -> {
            if (forget != null) {
                daemon.call(Map.of("call", "forget", "id", forget), _ -> {});
                server.output().show(Map.of("forgotten", forget), forget + " is forgotten");
                return Exit.DONE;
            }
            List<Map<?, ?>> all = items(daemon.call(Map.of("call", "remembered"), _ -> {}));
            server.output()
                    .table(
                            all,
                            List.of("ID", "ANSWER", "TOOL", "BY", "ABOUT"),
                            all.stream()
                                    .map(row -> List.of(
                                            Output.text(row.get("id")),
                                            Boolean.TRUE.equals(row.get("allow")) ? "allow" : "deny",
                                            Output.text(row.get("tool")),
                                            Output.text(row.get("by")),
                                            Output.brief(Output.text(row.get("reason")), 80)))
                                    .toList(),
                            "nothing is remembered");
            return Exit.DONE;
        });
    }

    @Command(name = "allow", description = "Answer yes.", mixinStandardHelpOptions = true)
    int allow(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--remember", description = "Alike from now on: for the task, or the viber.") @Nullable
                    String remember)
            throws Exception {
        return decide(server, id, true, remember);
    }

    @Command(name = "deny", description = "Answer no.", mixinStandardHelpOptions = true)
    int deny(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--remember", description = "Alike from now on: for the task, or the viber.") @Nullable
                    String remember)
            throws Exception {
        return decide(server, id, false, remember);
    }

    private static int decide(ServerOptions server, String id, boolean allow, @Nullable String remember)
            throws Exception {
        if (id.startsWith(Following.LOCAL)) {
            Map<String, Object> request = new HashMap<>();
            request.put("call", "decide");
            request.put("approvalId", id);
            request.put("allow", allow);
            request.put("remember", remember);
            return LocalDaemon.withViber(server, daemon -> {
                Map<String, Object> answered = daemon.call(request, _ -> {});
                server.output().show(answered, answered.get("id") + " is " + answered.get("state"));
                return Exit.DONE;
            });
        }
        try (ViberClient client = server.client()) {
            Approval answered = client.decide(id, new DecisionRequest(allow, remember));
            server.output().show(answered, answered.id() + " is " + answered.state());
        }
        return Exit.DONE;
    }
}
