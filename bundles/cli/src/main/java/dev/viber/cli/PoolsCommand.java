package dev.viber.cli;

import dev.viber.api.rest.AcquireRequest;
import dev.viber.api.rest.PoolChange;
import dev.viber.api.rest.PoolRequest;
import dev.viber.api.rest.PoolRoutes;
import dev.viber.api.rest.PoolView;
import dev.viber.api.rest.ReleaseRequest;
import dev.viber.api.rest.SessionView;
import dev.viber.client.ViberClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viper pools ...}: browsers that are kept ready. */
@Command(
        name = "pools",
        description = "Keep browsers of microVMs ready, take them and give them back.",
        mixinStandardHelpOptions = true)
final class PoolsCommand {
    private static final List<String> HEAD =
            List.of("NAME", "SNAPSHOT", "READY", "COMING", "IN USE", "WAITING", "MOST", "TROUBLE");

    @Command(name = "create", description = "Make a pool of what a snapshot was.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--snapshot",
                            required = true,
                            paramLabel = "SNAPSHOT",
                            description = "What sessions begin as.")
                    String snapshot,
            @Option(names = "--warm", paramLabel = "N", description = "Kept ready (default: 1).") @Nullable
                    Integer warm,
            @Option(names = "--most", paramLabel = "N", description = "Together, in use or not (default: 10).")
                    @Nullable
                    Integer most,
            @Option(names = "--limit", paramLabel = "SECONDS", description = "The longest session (default: 3600).")
                    @Nullable
                    Integer limit,
            @Option(
                            names = "--egress",
                            paramLabel = "NETWORK|ADDRESS:PORT",
                            description = "What they may reach beside the internet; several allowed.")
                    @Nullable
                    List<String> egress,
            @Option(
                            names = "--standby",
                            paramLabel = "TIME",
                            converter = Times.DurationReader.class,
                            description = "Have a browser stand by when nobody has used it for this long, as 10m.")
                    @Nullable
                    Duration standby) {
        try (ViberClient client = server.client()) {
            PoolView made = client.call(
                    PoolRoutes.CREATE_POOL,
                    Map.of(),
                    Map.of(),
                    new PoolRequest(name, snapshot, warm, most, limit, egress, Times.seconds(standby)));
            server.output()
                    .show(made, "Pool %s keeps %d ready, of at most %d".formatted(name, made.warm(), made.most()));
        }
        return Exit.DONE;
    }

    @Command(name = "list", description = "List pools.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions server) {
        try (ViberClient client = server.client()) {
            List<PoolView> pools = client.call(PoolRoutes.LIST_POOLS, Map.of(), Map.of(), null);
            server.output()
                    .table(
                            pools,
                            HEAD,
                            pools.stream()
                                    .map(pool -> List.of(
                                            pool.name(),
                                            pool.snapshot(),
                                            pool.ready() + " of " + pool.warm(),
                                            Integer.toString(pool.coming()),
                                            Integer.toString(pool.sessions().size()),
                                            Integer.toString(pool.queue().size()),
                                            Integer.toString(pool.most()),
                                            pool.trouble() == null ? "-" : pool.trouble()))
                                    .toList(),
                            "no pools");
        }
        return Exit.DONE;
    }

    @Command(
            name = "get",
            aliases = "show",
            description = "Show a pool, its sessions and who waits.",
            mixinStandardHelpOptions = true)
    int get(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            PoolView pool = client.call(PoolRoutes.GET_POOL, Map.of("name", name), Map.of(), null);
            Output output = server.output();
            output.object(pool);
            output.line("name      " + pool.name());
            output.line("snapshot  " + pool.snapshot());
            output.line("browsers  %d ready of %d, %d coming, at most %d"
                    .formatted(pool.ready(), pool.warm(), pool.coming(), pool.most()));
            if (pool.standby_s() != null) {
                output.line(
                        "stand by  when nobody has used one for " + Times.text(Duration.ofSeconds(pool.standby_s())));
            }
            pool.sessions()
                    .forEach(session -> output.line("session   %s in VM %s, until %s"
                            .formatted(session.id(), session.vm(), Output.text(session.until()))));
            pool.queue()
                    .forEach(one -> output.line(
                            "waits     %d. %s, until %s".formatted(one.place(), one.id(), Output.text(one.until()))));
            if (pool.trouble() != null) {
                output.line("trouble   " + pool.trouble());
            }
        }
        return Exit.DONE;
    }

    @Command(name = "change", description = "Change how many browsers a pool has.", mixinStandardHelpOptions = true)
    int change(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--warm", paramLabel = "N", description = "Kept ready.") @Nullable Integer warm,
            @Option(names = "--most", paramLabel = "N", description = "Together, in use or not.") @Nullable
                    Integer most) {
        try (ViberClient client = server.client()) {
            PoolView pool =
                    client.call(PoolRoutes.CHANGE_POOL, Map.of("name", name), Map.of(), new PoolChange(warm, most));
            server.output()
                    .show(pool, "Pool %s keeps %d ready, of at most %d".formatted(name, pool.warm(), pool.most()));
        }
        return Exit.DONE;
    }

    @Command(name = "delete", description = "Remove a pool with its sessions.", mixinStandardHelpOptions = true)
    int delete(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            client.call(PoolRoutes.DELETE_POOL, Map.of("name", name), Map.of(), null);
            server.output().show(Map.of("name", name, "deleted", true), "Pool " + name + " is gone");
        }
        return Exit.DONE;
    }

    @Command(
            name = "acquire",
            description = "Take a browser; wait for one where all are taken.",
            mixinStandardHelpOptions = true)
    int acquire(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--id",
                            paramLabel = "ID",
                            description = "The session's; the same id gives the same browser.")
                    @Nullable
                    String id,
            @Option(names = "--limit", paramLabel = "SECONDS", description = "How long it may last.") @Nullable
                    Integer limit,
            @Option(names = "--patience", paramLabel = "SECONDS", description = "How long to wait (default: 60).")
                    @Nullable
                    Integer patience) {
        try (ViberClient client = server.client()) {
            SessionView session = client.call(
                    PoolRoutes.ACQUIRE, Map.of("name", name), Map.of(), new AcquireRequest(id, limit, patience));
            server.output()
                    .show(
                            session,
                            "Session %s: VM %s until %s; next: viper browsers proxy %s"
                                    .formatted(session.id(), session.vm(), Output.text(session.until()), session.vm()));
        }
        return Exit.DONE;
    }

    @Command(name = "release", description = "Give a browser back.", mixinStandardHelpOptions = true)
    int release(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "NAME") String name,
            @Parameters(index = "1", paramLabel = "SESSION") String id) {
        try (ViberClient client = server.client()) {
            SessionView session =
                    client.call(PoolRoutes.RELEASE, Map.of("name", name), Map.of(), new ReleaseRequest(id));
            server.output().show(session, "Session %s is over, and its VM gone".formatted(session.id()));
        }
        return Exit.DONE;
    }
}
