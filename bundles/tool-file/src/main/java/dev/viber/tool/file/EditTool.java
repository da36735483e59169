package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Tree.Spot;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Replaces an exact text in a file. */
@Component(service = Tool.class)
public final class EditTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.edit",
            "Replaces an exact piece of text in a UTF-8 file; it must occur exactly once unless all is true. The file is replaced atomically.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["path","old","new"],"properties":{"path":{"type":"string","minLength":1,"description":"relative to the workspace, or absolute within it or a configured root"},
             "old":{"type":"string","minLength":1,"description":"the text to replace, exactly as it stands in the file"},
             "new":{"type":"string","description":"the text to put in its place"},
             "all":{"type":"boolean","default":false,"description":"replace every occurrence"}}}""");

    /** One edit at a time: two of the same file, read before either wrote, would lose one. */
    private final ReentrantLock turn = new ReentrantLock();

    /** Made by Declarative Services. */
    @Activate
    public EditTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.reading("path").and(Touches.writing("path")));
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place place = workspace.placeToWrite(arguments.text("path"));
        String old = arguments.text("old");
        String replacement = arguments.text("new");
        boolean all = arguments.flag("all");
        if (old.isEmpty()) {
            throw new ToolException("argument 'old': is empty; wanted the text to replace");
        }
        turn.lockInterruptibly();
        try (Spot spot = place.tree().spot(place.path(), false, true)) {
            String before = content(spot, place, pace);
            long count = occurrences(before, old);
            if (count == 0) {
                throw new ToolException(
                        "%s: the text to replace does not occur in it; wanted 'old' exactly as it stands there"
                                .formatted(place.shown()));
            }
            if (count > 1 && !all) {
                throw new ToolException(
                        "%s: the text to replace occurs %d times; wanted one that occurs once, or all: true"
                                .formatted(place.shown(), count));
            }
            byte[] after = before.replace(old, replacement).getBytes(StandardCharsets.UTF_8);
            if (after.length > files().maxWriteBytes()) {
                throw tooLarge(place, after.length);
            }
            Contents.put(spot, true, after, pace);
            return Map.of("replacements", count, "bytes", (long) after.length, "sha256", Contents.sha256(after));
        } finally {
            turn.unlock();
        }
    }

    private String content(Spot spot, Place place, Pace pace) throws IOException, ToolException, InterruptedException {
        try (OpenFile file = spot.folder().read(spot.name())) {
            long size = file.facts().size();
            byte[] content = Contents.read(file, 0, files().maxWriteBytes() + 1L, pace);
            if (content.length > files().maxWriteBytes()) {
                throw tooLarge(place, Math.max(size, content.length));
            }
            String text = ReadTool.utf8(content);
            if (text == null) {
                throw new ToolException(place.shown() + ": is not UTF-8; wanted a text file");
            }
            return text;
        }
    }

    private ToolException tooLarge(Place place, long bytes) {
        return new ToolException("%s: %d bytes are too many to edit; wanted at most %d"
                .formatted(place.shown(), bytes, files().maxWriteBytes()));
    }

    private static long occurrences(String text, String part) {
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }
}
