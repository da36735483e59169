package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Tree.Spot;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Deletes a file or directory. */
@Component(service = Tool.class)
public final class DeleteTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.delete",
            "Deletes a file, a link itself, an empty directory, or with recursive a directory and all in it. A path that is not there is no error: deleted is 0.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["path"],"properties":{"path":{"type":"string","minLength":1,"description":"relative to the workspace, or absolute within it or a configured root"},
             "recursive":{"type":"boolean","default":false,"description":"also a directory that is not empty"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public DeleteTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.writing("path"));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place place = workspace.placeToWrite(arguments.text("path"));
        boolean recursive = arguments.flag("recursive");
        Transfer transfer = new Transfer(pace);
        try (Spot spot = place.tree().spot(place.path(), false, false)) {
            FileFacts facts = spot.facts();
            if (facts == null) {
                return Map.of("deleted", 0L);
            }
            if (recursive) {
                transfer.delete(spot.folder(), spot.name(), facts);
            } else {
                transfer.deleteOne(spot.folder(), spot.name(), facts.kind() == FileFacts.Kind.DIRECTORY);
            }
            spot.folder().sync();
        } catch (DirectoryNotEmptyException e) {
            throw new FileSystemException(
                    place.shown(), null, "the directory is not empty; wanted an empty one, or recursive: true");
        } catch (NoSuchFileException e) {
            return Map.of("deleted", transfer.files());
        }
        return Map.of("deleted", transfer.files());
    }
}
