package dev.viber.legacy;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.vm.VmLifecycle.Phase;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What happens to VMs in the words of the first Viper, for one reader: what it had no word for is left out, and a VM that
 * runs again after a pause is not told of twice. Used by one thread.
 */
final class FirstWords {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Set<String> running = new HashSet<>();

    /**
     * An event as the first Viper told it.
     *
     * @param type such as {@code VM_CREATED}
     * @param vm its name
     * @param ran whether it was known to run before
     * @param object the whole event
     */
    record Told(String type, String vm, boolean ran, Map<String, Object> object) {
        String json() {
            return JSON.writeValueAsString(object);
        }
    }

    /** An event in its words; null where it had none. */
    @Nullable
    Told tell(JournalEvent event) {
        JsonNode data = JSON.readTree(event.data());
        String vm = data.path("name").asString("");
        String told = data.path("message").asString("");
        boolean ran = running.contains(vm);
        String type;
        String status = data.path("status").asString("");
        String message;
        switch (event.kind()) {
            case "created" -> {
                type = "VM_CREATED";
                status = "starting";
                message = "vm record created";
            }
            case "running" -> {
                type = "VM_RUNNING";
                message = "vm running";
            }
            case "stopped" -> {
                type = "VM_STOPPED";
                message = "vm exited cleanly";
            }
            case "crashed", "failed" -> {
                type = "VM_CRASHED";
                message =
                        told.isEmpty() ? event.kind() : told.lines().findFirst().orElse(told);
            }
            case "deleted" -> {
                type = "VM_DELETED";
                message = "vm deleted";
            }
            default -> {
                return null;
            }
        }
        if (event.kind().equals(Phase.RUNNING.word())) {
            if (!running.add(vm)) {
                return null;
            }
        } else {
            running.remove(vm);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", type);
        object.put("name", vm);
        object.put("status", status);
        copy(data, object, "ip_address");
        copy(data, object, "mac_address");
        if (data.has("pid")) {
            object.put("pid", data.path("pid").asLong());
        }
        object.put("timestamp", Instant.ofEpochMilli(event.at()).toString());
        object.put("message", message);
        return new Told(type, vm, ran, object);
    }

    private static void copy(JsonNode from, Map<String, Object> to, String member) {
        if (from.has(member)) {
            to.put(member, from.path(member).asString(""));
        }
    }
}
