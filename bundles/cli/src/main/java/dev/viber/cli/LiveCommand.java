package dev.viber.cli;

import dev.viber.api.auth.Role;
import dev.viber.api.rest.Parameter;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Shape;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viper vms live NAME}: where a person watches a VM's browser. */
@Command(
        name = "live",
        description =
                "Watch the browser of a VM, or take it over: prints the page's address, which is good once, for a minute.",
        mixinStandardHelpOptions = true)
final class LiveCommand implements Callable<Integer> {
    /** Served by the live view itself, and not among the routes of REST. */
    private static final Route<Map<String, Object>, Map<String, Object>> TICKET = new Route<>(
            "liveTicket",
            Route.Method.POST,
            "/vms/{name}/live/tickets",
            "Gets a ticket for the live view of a microVM's browser",
            List.<Parameter>of(),
            Shape.OBJECT,
            Shape.OBJECT,
            201,
            Map.of(201, "the ticket"),
            Set.of(Role.OWNER, Role.OPERATOR, Role.VIEWER),
            false,
            false);

    @Mixin
    ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "NAME")
    String name = "";

    @Option(names = "--control", description = "To take it over as well; for an operator or owner.")
    boolean control;

    @Option(names = "--no-open", description = "Only print the address, where there is a desktop, too.")
    boolean noOpen;

    @Override
    public Integer call() {
        URI address = server.discovery().server(server.server);
        Map<String, Object> ticket;
        try (ViberClient client = server.client()) {
            ticket = client.call(TICKET, Map.of("name", name), Map.of(), Map.of("mode", control ? "control" : "view"));
        }
        // Behind the hash, which no browser sends anywhere; the page takes it out of its address at once.
        String url = "%s://%s%s#ticket=%s"
                .formatted(address.getScheme(), address.getAuthority(), ticket.get("page"), ticket.get("ticket"));
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("url", url);
        shown.put("mode", ticket.get("mode"));
        shown.put("expiresIn", ticket.get("expiresIn"));
        shown.put("opened", !noOpen && open(url));
        server.output().show(shown, url);
        return Exit.DONE;
    }

    /** Has the desktop open it; false where there is none. */
    private static boolean open(String url) {
        boolean mac = System.getProperty("os.name", "").startsWith("Mac");
        boolean desktop = mac || System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
        if (!desktop) {
            return false;
        }
        try {
            new ProcessBuilder(mac ? "open" : "xdg-open", url)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            return false; // without such a program the address is printed all the same
        }
    }
}
