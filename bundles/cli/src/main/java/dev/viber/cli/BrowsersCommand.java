package dev.viber.cli;

import dev.viber.api.rest.Routes;
import dev.viber.api.rest.VmView;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viper browsers ...}: the browsers in microVMs. */
@Command(name = "browsers", description = "Reach the browsers in microVMs.", mixinStandardHelpOptions = true)
final class BrowsersCommand {
    @Command(
            name = "proxy",
            description = {
                "Give the browser of a VM a port of this machine, for Playwright, Puppeteer and others:",
                "  chromium.connectOverCDP('http://127.0.0.1:9223')"
            },
            mixinStandardHelpOptions = true)
    int proxy(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--bind",
                            defaultValue = "127.0.0.1",
                            description = "The address to listen on (default: 127.0.0.1).")
                    InetAddress bind,
            @Option(
                            names = "--port",
                            defaultValue = "9223",
                            description = "The port to listen on; 0: a free one (default: 9223).")
                    int port)
            throws IOException, InterruptedException {
        Discovery discovery = server.discovery();
        URI address = discovery.server(server.server);
        String token = discovery.token();
        VmView vm;
        try (ViberClient client = server.client()) {
            vm = client.call(Routes.GET_VM, Map.of("name", name), Map.of(), null);
        }
        try (BrowserDoor door = new BrowserDoor(address, token, server.connection.trust(), name, bind, port)) {
            Map<String, Object> ready = new LinkedHashMap<>();
            ready.put("ready", true);
            ready.put("url", door.url());
            ready.put("browser", vm.guest().getOrDefault("browser", ""));
            server.output().show(ready, "the browser of %s is at %s until Ctrl-C".formatted(name, door.url()));
            door.serve();
        }
        return Exit.DONE;
    }
}
