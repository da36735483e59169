package dev.viber.cli;

import dev.viber.api.auth.Tokens;
import dev.viber.api.rest.TokenRequest;
import dev.viber.client.ViberClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber token ...}: the tokens vibers dial in with. */
@Command(name = "token", description = "Issue, list and revoke tokens of vibers.", mixinStandardHelpOptions = true)
final class TokenCommand {
    @Command(name = "create", description = "Issue a token; it is shown this once.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "VIBER", description = "The viber's id; it is made where there is none.")
                    String viber,
            @Option(names = "--name", description = "A name for people.") @Nullable String name,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            converter = Times.DurationReader.class,
                            description = "How long it is valid, such as 30d (default: for ever).")
                    @Nullable
                    Duration expires) {
        try (ViberClient client = server.client()) {
            Tokens.Issued issued = client.issueToken(viber, new TokenRequest(name, expires));
            Output output = server.output();
            output.show(issued, issued.token());
            if (!output.json()) {
                output.note("token " + issued.id() + " of " + viber + "; it is not shown again");
            }
        }
        return Exit.DONE;
    }

    @Command(name = "list", description = "List tokens, without their secrets.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--viber", paramLabel = "ID", description = "Only of this viber.") @Nullable String viber,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit) {
        try (ViberClient client = server.client()) {
            List<Tokens.Token> found = Pages.read(limit, Map.of(), query -> client.tokens(viber, query));
            server.output()
                    .table(
                            found,
                            List.of("ID", "ROLE", "VIBER", "NAME", "CREATED", "EXPIRES", "REVOKED"),
                            found.stream()
                                    .map(each -> List.of(
                                            each.id(),
                                            each.role().name().toLowerCase(Locale.ROOT),
                                            Output.text(each.viberId()),
                                            Output.text(each.name()),
                                            Output.text(each.createdAt()),
                                            Output.text(each.expiresAt()),
                                            Output.text(each.revokedAt())))
                                    .toList(),
                            "no tokens");
        }
        return Exit.DONE;
    }

    @Command(name = "revoke", description = "Revoke a token at once.", mixinStandardHelpOptions = true)
    int revoke(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        try (ViberClient client = server.client()) {
            client.revokeToken(id);
            server.output().show(Map.of("id", id, "revoked", true), "token " + id + " is revoked");
        }
        return Exit.DONE;
    }
}
