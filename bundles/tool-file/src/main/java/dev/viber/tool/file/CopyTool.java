package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Tree.Spot;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Copies a file or directory. */
@Component(service = Tool.class)
public final class CopyTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.copy",
            "Copies a file, or a directory with all in it; missing parent directories are made. Links inside a directory are copied as links.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["source","destination"],"properties":{"source":{"type":"string","minLength":1,"description":"what to copy"},
             "destination":{"type":"string","minLength":1,"description":"its new path, not the directory to put it in"},
             "overwrite":{"type":"boolean","default":false,"description":"replace files at the destination; a directory there is filled, not emptied"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public CopyTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.reading("source").and(Touches.writing("destination")));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return Boolean.TRUE.equals(arguments.get("overwrite"));
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place from = workspace.place(arguments.text("source"));
        Place to = workspace.placeToWrite(arguments.text("destination"));
        boolean overwrite = arguments.flag("overwrite");
        FileFacts facts = from.facts();
        if (facts == null) {
            throw new NoSuchFileException(from.shown());
        }
        Transfer transfer = new Transfer(pace);
        if (facts.kind() == FileFacts.Kind.DIRECTORY) {
            if (from.holds(to)) {
                throw Transfer.within(to.shown());
            }
            try (Folder folder = from.folder();
                    Spot target = to.tree().spot(to.path(), true, true)) {
                transfer.copyFolder(folder, target, overwrite);
            }
        } else {
            try (OpenFile file = from.read();
                    Spot target = to.tree().spot(to.path(), true, true)) {
                transfer.copyFile(file, target, overwrite);
            }
        }
        return Map.of(
                "source",
                from.shown(),
                "destination",
                to.shown(),
                "files",
                transfer.files(),
                "bytes",
                transfer.bytes());
    }
}
