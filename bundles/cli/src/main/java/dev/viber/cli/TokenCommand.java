package dev.viber.cli;

import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.rest.ClientTokenRequest;
import dev.viber.api.rest.RotationRequest;
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

/** {@code viber token ...}: the tokens that vibers and clients show. */
@Command(name = "token", description = "Issue, list, rotate and revoke tokens.", mixinStandardHelpOptions = true)
final class TokenCommand {
    @Command(name = "create", description = "Issue a token; it is shown this once.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ServerOptions server,
            @Parameters(
                            paramLabel = "VIBER",
                            arity = "0..1",
                            description = "The viber's id; it is made where there is none.")
                    @Nullable
                    String viber,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            description = "owner, operator or viewer: for a client, in the place of a viber.")
                    @Nullable
                    Role role,
            @Option(names = "--name", description = "A name for people.") @Nullable String name,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            converter = Times.DurationReader.class,
                            description = "How long it is valid, such as 30d (default: for ever).")
                    @Nullable
                    Duration expires) {
        try (ViberClient client = server.client()) {
            Tokens.Issued issued = issue(client, viber, role, name, expires);
            Output output = server.output();
            output.show(issued, issued.token());
            if (!output.json()) {
                String whose = viber != null
                        ? "of " + viber
                        : "for an " + String.valueOf(role).toLowerCase(Locale.ROOT);
                output.note("token " + issued.id() + " " + whose + "; it is not shown again");
            }
        }
        return Exit.DONE;
    }

    private static Tokens.Issued issue(
            ViberClient client,
            @Nullable String viber,
            @Nullable Role role,
            @Nullable String name,
            @Nullable Duration expires) {
        if (viber != null && (role == null || role == Role.VIBER)) {
            return client.issueToken(viber, new TokenRequest(name, expires));
        }
        if (viber == null && role != null && role != Role.VIBER) {
            return client.issueToken(new ClientTokenRequest(role, name, expires));
        }
        throw new CommandFailure(
                Exit.USAGE, "whose token? Name a viber, or give --role owner, operator or viewer; not both");
    }

    @Command(
            name = "rotate",
            description = "Give a token a new secret, which is shown this once.",
            mixinStandardHelpOptions = true)
    int rotate(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(
                            names = "--grace",
                            paramLabel = "TIME",
                            converter = Times.DurationReader.class,
                            description = "How long the old secret stays valid, at most 30d (default: not at all).")
                    @Nullable
                    Duration grace) {
        try (ViberClient client = server.client()) {
            Tokens.Issued issued = client.rotateToken(id, new RotationRequest(grace));
            server.output().show(issued, issued.token());
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
