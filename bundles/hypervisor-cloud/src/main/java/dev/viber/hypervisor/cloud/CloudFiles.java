package dev.viber.hypervisor.cloud;

import dev.viber.api.vm.Machine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What lies in a machine's folder, how its process is started, and what it is told to be.
 *
 * @param program Cloud Hypervisor
 * @param landlock whether it confines itself
 */
record CloudFiles(Path program, boolean landlock) {
    /** The guest listens there, and the host behind the socket's name and an underscore. */
    static final int CONTROL_PORT = 1024;

    private static final int GUEST_CID = 3;
    private static final int LONGEST_FOLDER = 80;

    static Path apiSocket(Machine machine) {
        return machine.folder().resolve("api.sock");
    }

    static Path events(Machine machine) {
        return machine.folder().resolve("events.json");
    }

    static Path vsock(Machine machine) {
        return machine.folder().resolve("vsock.sock");
    }

    /** Where the guest's own calls arrive. */
    static Path guestCalls(Machine machine) {
        return machine.folder().resolve("vsock.sock_" + CONTROL_PORT);
    }

    /** What Cloud Hypervisor left when it was killed: it starts over a dead API socket, but not over a dead vsock. */
    static void clear(Machine machine) throws IOException {
        removeAll(machine.folder().resolve("snapshot"));
        removeAll(machine.folder().resolve("restore"));
        for (Path left : List.of(apiSocket(machine), events(machine), vsock(machine), guestCalls(machine))) {
            Files.deleteIfExists(left);
        }
    }

    /** The process; that its guest powers off does not end it, so that somebody can be told why it ended. */
    List<String> process(Machine machine) {
        check(machine);
        List<String> line = new ArrayList<>(proof(machine));
        line.add("--no-shutdown");
        return line;
    }

    /** The process, ending with its guest. */
    List<String> proof(Machine machine) {
        return List.of(
                program.toString(),
                "--api-socket",
                "path=" + quoted(apiSocket(machine)),
                "--event-monitor",
                "path=" + quoted(events(machine)),
                "--seccomp",
                "true");
    }

    private static void check(Machine machine) {
        int length = machine.folder().toString().getBytes(StandardCharsets.UTF_8).length;
        if (!machine.folder().isAbsolute() || length > LONGEST_FOLDER) {
            throw new IllegalArgumentException("the folder '%s' of '%s': wanted an absolute path of at most %d bytes"
                    .formatted(machine.folder(), machine.name(), LONGEST_FOLDER));
        }
        if (machine.cpuCores() < 1 || machine.memoryMb() < 1) {
            throw new IllegalArgumentException("'%s' has %d processors and %d MiB: wanted at least 1 of each"
                    .formatted(machine.name(), machine.cpuCores(), machine.memoryMb()));
        }
    }

    private static String quoted(Path path) {
        String text = path.toString();
        if (text.contains("\"")) {
            throw new IllegalArgumentException("'%s': Cloud Hypervisor takes no \" in a path".formatted(text));
        }
        return text.contains(",") ? '"' + text + '"' : text;
    }

    /** The body of vm.create. Members of this must be spelled right: unknown ones are passed over in silence. */
    Map<String, Object> config(Machine machine) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("cpus", Map.of("boot_vcpus", machine.cpuCores(), "max_vcpus", machine.cpuCores()));
        all.put("memory", Map.of("size", machine.memoryMb() * 1024L * 1024));
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("kernel", machine.kernel().toString());
        payload.put("cmdline", ("console=ttyS0 " + machine.cmdline()).strip());
        Path initrd = machine.initrd();
        if (initrd != null) {
            payload.put("initramfs", initrd.toString());
        }
        all.put("payload", payload);
        Path root = machine.root();
        if (root != null) {
            all.put("disks", List.of(Map.of("path", root.toString(), "readonly", true, "image_type", "Raw")));
        }
        Machine.Nic nic = machine.nic();
        if (nic != null) {
            all.put("net", List.of(Map.of("tap", nic.tap(), "mac", nic.mac())));
        }
        all.put("serial", Map.of("mode", "File", "file", machine.serial().toString()));
        all.put("console", Map.of("mode", "Off")); // it would be the terminal
        all.put("vsock", Map.of("cid", GUEST_CID, "socket", vsock(machine).toString()));
        all.put("pvpanic", true);
        if (landlock) {
            all.put("landlock_enable", true);
            List<Map<String, String>> rules = new ArrayList<>();
            rules.add(Map.of("path", machine.folder().toString(), "access", "rw"));
            Path template = machine.template();
            if (template != null) {
                rules.add(Map.of("path", template.toString(), "access", "r"));
            }
            all.put("landlock_rules", rules);
        }
        return all;
    }

    /** The guest of 1 KiB that proves an accelerator. */
    static byte[] probeGuest() throws IOException {
        try (InputStream in = CloudFiles.class.getResourceAsStream("guest.hex")) {
            if (in == null) {
                throw new IOException("the bundle lacks guest.hex");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }

    /** As {@link #remove}; does nothing where there is none. */
    static void removeAll(Path folder) throws IOException {
        if (Files.exists(folder)) {
            remove(folder);
        }
    }

    /** Removes a folder without folders in it. */
    static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.delete(folder);
    }
}
