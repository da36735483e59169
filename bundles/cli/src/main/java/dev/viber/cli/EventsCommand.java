package dev.viber.cli;

import dev.viber.client.ViberClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code viber events ...}: what happens, as it happens. */
@Command(name = "events", description = "Follow what happens.", mixinStandardHelpOptions = true)
final class EventsCommand {
    @Command(
            name = "tail",
            description = "Tell what happens from now on, until Ctrl-C: time, event, subject, message.",
            mixinStandardHelpOptions = true)
    int tail(
            @Mixin ServerOptions server,
            @Option(
                            names = "--topic",
                            paramLabel = "TOPICS",
                            defaultValue = "task/*,vm/*,snapshot/*,pool/*,workload/*,viber/*,plugin/*",
                            description = "Which, with commas (default: all), such as vm/* or task/ID.")
                    String topics) {
        return follow(server, topics);
    }

    static int follow(ServerOptions server, String topics) {
        Output output = server.output();
        String path = "/events?topic=" + URLEncoder.encode(topics, StandardCharsets.UTF_8);
        try (ViberClient client = server.client();
                Stream<String> lines = client.lines(path, "text/event-stream")) {
            lines.filter(line -> line.startsWith("data: "))
                    .map(line -> Json.object(line.substring(6)))
                    .forEach(event -> output.show(event, told(event)));
        }
        return Exit.DONE;
    }

    private static String told(Map<String, Object> event) {
        Object message = event.get("data") instanceof Map<?, ?> data ? data.get("message") : null;
        return "%s\t%s\t%s\t%s"
                .formatted(
                        event.get("time"),
                        event.get("type"),
                        event.get("subject"),
                        message == null
                                ? ""
                                : message.toString().lines().findFirst().orElse(""));
    }
}
