package dev.viber.cli;

import dev.viber.api.auth.Audit.AuditEntry;
import dev.viber.client.ViberClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code viber audit ...}: who did what at the gateway. */
@Command(name = "audit", description = "See who did what at the gateway.", mixinStandardHelpOptions = true)
final class AuditCommand {
    @Command(name = "list", description = "List who did what, newest first.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit) {
        try (ViberClient client = server.client()) {
            List<AuditEntry> found = Pages.read(limit, Map.of(), client::audit);
            server.output()
                    .table(
                            found,
                            List.of("SEQ", "AT", "WHO", "ROLE", "FROM", "ACTION", "TARGET", "OUTCOME", "DETAIL"),
                            found.stream().map(AuditCommand::row).toList(),
                            "nothing was done yet");
        }
        return Exit.DONE;
    }

    private static List<String> row(AuditEntry entry) {
        return List.of(
                Long.toString(entry.seq()),
                entry.at().toString(),
                Output.text(entry.name() == null ? entry.tokenId() : entry.name()),
                word(entry.role()),
                Output.text(entry.address()),
                Output.text(entry.action()),
                Output.text(entry.target()),
                word(entry.outcome()),
                Output.text(entry.detail()));
    }

    private static String word(@Nullable Enum<?> value) {
        return value == null ? "-" : value.name().toLowerCase(Locale.ROOT);
    }
}
