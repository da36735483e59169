package dev.viber.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/** What {@code viber doctor} looks at on this machine. */
final class MachineChecks {
    private static final int JAVA = 25;

    private MachineChecks() {}

    static List<Finding> java(Patient patient) {
        int version = Runtime.version().feature();
        String found = "Java %s (%s), %s, in %s"
                .formatted(
                        Runtime.version(),
                        System.getProperty("java.vendor"),
                        System.getProperty("os.arch"),
                        System.getProperty("java.home"));
        return List.of(
                version >= JAVA
                        ? Finding.ok("java", found)
                        : Finding.fail(
                                "java",
                                found,
                                "install Java " + JAVA + " or newer, and set VIBER_JAVA_HOME or JAVA_HOME to it"));
    }

    /** Whether a server could listen, or does. */
    static List<Finding> port(Patient patient) throws IOException {
        int colon = patient.listen().lastIndexOf(':');
        String host = patient.listen().substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = Integer.parseInt(patient.listen().substring(colon + 1));
        String name = "port";
        String running = patient.discovery().running();
        if (running != null && Discovery.url(running).getPort() == port) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
                return List.of(Finding.warn(
                        name,
                        "%s is free, though %s says that a server runs there"
                                .formatted(patient.listen(), patient.discovery().serverState()),
                        "start it again (" + Hint.command("up") + "); it was ended by force"));
            } catch (IOException e) {
                return List.of(Finding.ok(
                        name,
                        patient.listen() + " is taken by the server of "
                                + patient.discovery().serverState()));
            }
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return List.of(Finding.ok(name, patient.listen() + " is free"));
        } catch (IOException | IllegalArgumentException e) {
            return List.of(Finding.warn(
                    name,
                    "no server can listen at %s: %s".formatted(patient.listen(), e.getMessage()),
                    "see who does with 'ss -ltnp', or start with --listen 127.0.0.1:0, a free one"));
        }
    }

    static List<Finding> ripgrep(Patient patient) {
        return List.of(patient.program("rg")
                .map(file -> Finding.ok("ripgrep", file.toString()))
                .orElseGet(() -> Finding.skip(
                        "ripgrep",
                        "not found; search.text has an engine of its own",
                        "install ripgrep for searches that ask for 'engine: rg'")));
    }
}
