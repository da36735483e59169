package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Walk.Next;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Lists a directory. */
@Component(service = Tool.class)
public final class ListTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.list",
            "Lists a directory in the order of names, with type, size and time of change. Links inside are listed, not entered.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "properties":{"path":{"type":"string","minLength":1,"description":"the directory; default the workspace"},
             "recursive":{"type":"boolean","default":false,"description":"also what is below"},
             "hidden":{"type":"boolean","default":false,"description":"also names that begin with a dot"},
             "limit":{"type":"integer","minimum":1,"description":"most entries; the operator sets an upper bound"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public ListTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.reading("path"));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place place = workspace.place(arguments.text("path", "."));
        boolean recursive = arguments.flag("recursive");
        long limit = Math.min(arguments.whole("limit", Long.MAX_VALUE, 1), files().maxEntries());
        List<Object> entries = new ArrayList<>();
        Walk walk = new Walk(pace, arguments.flag("hidden"), (path, facts) -> {
            if (entries.size() == limit) {
                return Next.STOP;
            }
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("path", place.shown(path));
            tell(facts, entry);
            entries.add(entry);
            return recursive ? Next.DESCEND : Next.PASS;
        });
        boolean whole;
        try (Folder folder = place.folder()) {
            whole = walk.run(folder, "");
        }
        return result("entries", entries, place, walk, whole);
    }

    /** What both listing tools answer. */
    static Map<String, Object> result(String name, List<Object> found, Place place, Walk walk, boolean whole) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put(name, found);
        result.put("count", (long) found.size());
        result.put("truncated", !whole);
        if (!walk.unreadable().isEmpty()) {
            result.put(
                    "unreadable", walk.unreadable().stream().map(place::shown).toList());
        }
        return result;
    }

    /** Puts the facts under the names all file tools use. */
    static void tell(FileFacts facts, Map<String, Object> into) {
        into.put("type", facts.kind().word());
        if (facts.kind() == FileFacts.Kind.FILE) {
            into.put("size", facts.size());
        }
        into.put("modified", Instant.ofEpochMilli(facts.modified()).toString());
    }
}
