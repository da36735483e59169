package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Tree.Spot;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Writes a file. */
@Component(service = Tool.class)
public final class WriteTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.write",
            "Writes a file from text or base64. Overwriting is atomic; missing parent directories are made.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["path"],"oneOf":[{"required":["text"]},{"required":["base64"]}],"properties":{"path":{"type":"string","minLength":1,"description":"relative to the workspace, or absolute within it or a configured root"},
             "text":{"type":"string","description":"the content, written as UTF-8"},
             "base64":{"type":"string","contentEncoding":"base64","description":"the content, where it is not text"},
             "mode":{"enum":["create","overwrite","append"],"default":"overwrite","description":"create fails where the path exists; append adds to the end"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public WriteTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.writing("path"));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return !"append".equals(arguments.get("mode"));
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place place = workspace.placeToWrite(arguments.text("path"));
        byte[] content = arguments.content();
        if (content.length > files().maxWriteBytes()) {
            throw new ToolException("%s: %d bytes to write are too many; wanted at most %d"
                    .formatted(place.shown(), content.length, files().maxWriteBytes()));
        }
        String mode = arguments.text("mode", "overwrite");
        try (Spot spot = place.tree().spot(place.path(), true, true)) {
            switch (mode) {
                case "create" -> Contents.put(spot, false, content, pace);
                case "overwrite" -> Contents.put(spot, true, content, pace);
                case "append" -> append(spot, content);
                default ->
                    throw new ToolException(
                            "argument 'mode': '%s': wanted create, overwrite or append".formatted(mode));
            }
        }
        return Map.of("bytes", (long) content.length, "sha256", Contents.sha256(content));
    }

    private static void append(Spot spot, byte[] content) throws IOException {
        boolean isNew = spot.facts() == null;
        try (OpenFile file = spot.folder().append(spot.name())) {
            file.write(content, 0, content.length);
            file.sync();
        }
        if (isNew) {
            spot.folder().sync();
        }
    }
}
