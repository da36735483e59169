package dev.viber.hypervisor.cloud;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** The file of Cloud Hypervisor's events, read from its beginning: JSON objects over several lines, one after another. */
final class EventStream {
    private final Path file;
    private long taken;

    /**
     * An event.
     *
     * @param source such as {@code vm}
     * @param name such as {@code booted}
     */
    record Event(String source, String name) {}

    EventStream(Path file) {
        this.file = file;
    }

    /** Those that came since the last time; one that is not whole yet comes with the next. */
    List<Event> next() throws IOException {
        List<Event> events = new ArrayList<>();
        if (!Files.exists(file)) {
            return events;
        }
        byte[] fresh;
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.max(0, in.size() - taken)));
            for (int read = 0; read >= 0 && bytes.hasRemaining(); ) {
                read = in.read(bytes, taken + bytes.position());
            }
            fresh = new byte[bytes.flip().remaining()];
            bytes.get(fresh);
        }
        long whole = 0;
        try (MappingIterator<JsonNode> values =
                JsonMapper.shared().readerFor(JsonNode.class).readValues(fresh)) {
            while (values.hasNextValue()) {
                JsonNode value = values.nextValue();
                whole = values.currentLocation().getByteOffset();
                events.add(new Event(
                        value.path("source").asString(""), value.path("event").asString("")));
            }
        } catch (JacksonException e) {
            // Its rest is still being written.
        }
        taken += whole;
        return events;
    }
}
