package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Tree.Spot;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Moves or renames a file or directory. */
@Component(service = Tool.class)
public final class MoveTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.move",
            "Moves or renames a file, directory or link; missing parent directories are made. A link itself is moved, not what it leads to.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["source","destination"],"properties":{"source":{"type":"string","minLength":1,"description":"what to move"},
             "destination":{"type":"string","minLength":1,"description":"its new path, not the directory to put it in"},
             "overwrite":{"type":"boolean","default":false,"description":"replace a file, or an empty directory, at the destination"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public MoveTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.writing("source", "destination"));
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place from = workspace.placeToWrite(arguments.text("source"));
        Place to = workspace.placeToWrite(arguments.text("destination"));
        boolean overwrite = arguments.flag("overwrite");
        if (from.holds(to) && !to.holds(from)) {
            throw Transfer.within(to.shown());
        }
        try (Spot source = from.tree().spot(from.path(), false, false)) {
            FileFacts facts = source.facts();
            if (facts == null) {
                throw new NoSuchFileException(from.shown());
            }
            try (Spot target = to.tree().spot(to.path(), true, false)) {
                if (!overwrite && target.facts() != null) {
                    throw new FileAlreadyExistsException(to.shown());
                }
                try {
                    source.folder().rename(source.name(), target.folder(), target.name(), overwrite);
                    target.folder().sync();
                    source.folder().sync();
                } catch (CrossDeviceException e) {
                    across(source, facts, target, overwrite, pace);
                }
            }
        }
        return Map.of("source", from.shown(), "destination", to.shown());
    }

    /** To another file system by copy, sync and delete: cut off in between, the source is still whole. */
    private static void across(Spot source, FileFacts facts, Spot target, boolean overwrite, Pace pace)
            throws IOException, InterruptedException {
        Transfer transfer = new Transfer(pace);
        switch (facts.kind()) {
            case FILE -> {
                try (OpenFile file = source.folder().read(source.name())) {
                    transfer.copyFile(file, target, overwrite);
                }
            }
            case DIRECTORY -> {
                try (Folder folder = source.folder().folder(source.name())) {
                    transfer.copyFolder(folder, target, false);
                }
            }
            case SYMLINK -> transfer.copyLink(source.folder(), source.name(), target, overwrite);
            case OTHER ->
                throw new FileSystemException(source.tree().shown(source.path()), null, LinuxTree.NOT_REGULAR);
        }
        transfer.delete(source.folder(), source.name(), facts);
        source.folder().sync();
    }
}
