package dev.viber.example.reverse;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Turns a text around, takes as long as it is told to, and says which edition of the bundle did it.
 *
 * <p>It does not call itself idempotent, although it is: a call that a swap cuts off then shows as an unknown outcome,
 * where it would otherwise be repeated without a trace.
 */
@Component(service = Tool.class)
public final class Reverse implements Tool {
    private final long edition;
    private final ToolInfo info;

    /** Reads the edition from the bundle. */
    @Activate
    public Reverse() throws IOException {
        try (InputStream in = Reverse.class.getResourceAsStream("edition.txt")) {
            if (in == null) {
                throw new IOException("edition.txt is not in the bundle");
            }
            edition = Long.parseLong(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
        }
        info = new ToolInfo("example.reverse", "Turns a text around, edition %d.".formatted(edition), """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
                 "required":["text"],"properties":{"text":{"type":"string"},
                 "millis":{"type":"integer","minimum":0,"description":"how long the call takes"}}}""");
    }

    @Override
    public ToolInfo info() {
        return info;
    }

    @Override
    public Map<String, Object> call(Map<String, Object> arguments, ToolContext context) throws InterruptedException {
        if (arguments.get("millis") instanceof Number millis) {
            Thread.sleep(millis.longValue());
        }
        String text = (String) arguments.get("text");
        String traceparent = context.traceparent();
        return Map.of(
                "text",
                new StringBuilder(text).reverse().toString(),
                "edition",
                edition,
                "traceparent",
                traceparent == null ? "" : traceparent);
    }
}
