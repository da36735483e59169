package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Walk.Next;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Finds files by a pattern. */
@Component(service = Tool.class)
public final class GlobTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.glob",
            "Finds files whose path below root fits a glob: * and ? within a name, ** over directories, [a-z], {a,b}. Names that begin with a dot only where the pattern has one there.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["pattern"],"properties":{"pattern":{"type":"string","minLength":1,"description":"relative to root, such as **/*.java"},
             "root":{"type":"string","minLength":1,"description":"the directory to search; default the workspace"},
             "limit":{"type":"integer","minimum":1,"description":"most paths; the operator sets an upper bound"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public GlobTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.reading("root"));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Glob glob = Glob.of(arguments.text("pattern"));
        Place place = workspace.place(arguments.text("root", "."));
        long limit = Math.min(arguments.whole("limit", Long.MAX_VALUE, 1), files().maxEntries());
        List<Object> paths = new ArrayList<>();
        Walk walk = new Walk(pace, glob.hidden(), (path, facts) -> {
            if (facts.kind() != FileFacts.Kind.DIRECTORY && glob.matches(path)) {
                if (paths.size() == limit) {
                    return Next.STOP;
                }
                paths.add(place.shown(path));
            }
            return Next.DESCEND;
        });
        boolean whole;
        try (Folder folder = place.folder()) {
            whole = walk.run(folder, "");
        }
        return ListTool.result("paths", paths, place, walk, whole);
    }
}
