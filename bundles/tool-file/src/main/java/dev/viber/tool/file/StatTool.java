package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Tells of a path without reading it. */
@Component(service = Tool.class)
public final class StatTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.stat",
            "Tells whether a path exists, and its type, size and time of change; a link is followed.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["path"],"properties":{"path":{"type":"string","minLength":1,"description":"relative to the workspace, or absolute within it or a configured root"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public StatTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.reading("path"));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place place = workspace.place(arguments.text("path"));
        FileFacts facts = place.facts();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("exists", facts != null);
        result.put("path", place.shown());
        if (facts != null) {
            ListTool.tell(facts, result);
            if (facts.mode() >= 0) {
                result.put("permissions", PosixFilePermissions.toString(PortableFile.permissions(facts.mode())));
            }
        }
        return result;
    }
}
