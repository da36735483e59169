package dev.viber.hypervisor.cloud;

import dev.viber.api.vm.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A machine's state in Cloud Hypervisor's own files: {@code config.json}, {@code state.json}, {@code memory-ranges}. It syncs
 * none of them, and restores torn ones without a word, so whoever keeps them has to.
 */
final class CloudSnapshot {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CONFIG = "config.json";
    /** All of the memory is written, or read, before it answers. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Machine machine;
    private final CloudFiles files;

    CloudSnapshot(Machine machine, CloudFiles files) {
        this.machine = machine;
        this.files = files;
    }

    /** Writes the files of a machine that stands still. */
    List<String> make(Path folder) throws IOException {
        // Confined by Landlock, it can write to its own folder only.
        Path own = machine.folder().resolve("snapshot");
        CloudFiles.removeAll(own);
        Files.createDirectory(own);
        try {
            ask("vm.snapshot", Map.of("destination_url", "file://" + own));
            List<String> names = new ArrayList<>();
            try (Stream<Path> written = Files.list(own)) {
                for (Path file : written.toList()) {
                    String name = file.getFileName().toString();
                    Files.move(file, folder.resolve(name));
                    names.add(name);
                }
            }
            return names;
        } finally {
            CloudFiles.removeAll(own);
        }
    }

    /**
     * Has a fresh process take the state of the files. The call has no way to say where another machine's tap, card and
     * sockets are, so it is given a configuration that says so.
     */
    void load(Path template) throws IOException {
        Path own = machine.folder().resolve("restore");
        CloudFiles.removeAll(own);
        Files.createDirectory(own);
        try {
            try (Stream<Path> kept = Files.list(template)) {
                for (Path file : kept.toList()) {
                    String name = file.getFileName().toString();
                    if (name.equals(CONFIG)) {
                        Files.write(
                                own.resolve(name),
                                JSON.writeValueAsBytes(ours(JSON.readTree(Files.readAllBytes(file)))));
                    } else {
                        Files.createSymbolicLink(own.resolve(name), file);
                    }
                }
            }
            String from = "file://" + own;
            try {
                ask("vm.restore", Map.of("source_url", from, "memory_restore_mode", "OnDemand"));
            } catch (CloudRefusal e) {
                // A kernel or a version without it reads all of the memory first.
                ask("vm.restore", Map.of("source_url", from));
            }
        } finally {
            CloudFiles.removeAll(own);
        }
    }

    private JsonNode ours(JsonNode was) {
        ObjectNode config = (ObjectNode) was;
        JsonNode wanted = JSON.valueToTree(files.config(machine));
        for (String part : List.of("serial", "vsock", "landlock_enable", "landlock_rules")) {
            if (wanted.has(part)) {
                merge(config, part, wanted.path(part));
            }
        }
        if (wanted.path("net").isArray() && config.path("net").isArray()) {
            wanted.path("net")
                    .path(0)
                    .properties()
                    .forEach(each -> ((ObjectNode) config.path("net").path(0)).set(each.getKey(), each.getValue()));
        }
        return config;
    }

    /** What the saved configuration says beside, such as a device's id, stays. */
    private static void merge(ObjectNode config, String part, JsonNode wanted) {
        if (wanted.isObject() && config.path(part).isObject()) {
            wanted.properties().forEach(each -> ((ObjectNode) config.path(part)).set(each.getKey(), each.getValue()));
        } else {
            config.set(part, wanted);
        }
    }

    private void ask(String call, Map<String, Object> body) throws IOException {
        try (CloudApi api = new CloudApi(CloudFiles.apiSocket(machine), PATIENCE)) {
            api.put(call, body);
        }
    }
}
