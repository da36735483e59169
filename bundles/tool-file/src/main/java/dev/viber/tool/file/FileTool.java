package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every file tool does: opens the workspace for the call, and says in words what went wrong. */
abstract class FileTool implements Tool {
    private static final Logger LOG = LoggerFactory.getLogger(FileTool.class);

    private final ToolInfo info;
    private final ConfinedFiles files;

    /** A tool that touches this, in the workspace and in the further roots an operator set. */
    FileTool(ConfinedFiles files, ToolInfo info, Touches touches) {
        this.files = files;
        this.info = new ToolInfo(info.name(), info.description(), info.schema(), touches.within(files.roots()));
    }

    /** The work itself. */
    abstract Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException;

    final ConfinedFiles files() {
        return files;
    }

    @Override
    public final ToolInfo info() {
        return info;
    }

    @Override
    public final Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
            throws ToolException, InterruptedException {
        Pace pace = new Pace(context);
        pace.check();
        try (Workspace workspace = files.open(context)) {
            try {
                return work(new Arguments(arguments), workspace, pace);
            } catch (ClosedByInterruptException e) {
                throw new InterruptedException("cancelled");
            } catch (FileSystemException e) {
                LOG.debug("{} refused", info.name(), e);
                String file = e.getFile();
                throw new ToolException((file == null ? info.name() : workspace.shown(file)) + ": " + reason(e));
            }
        } catch (IOException e) {
            throw new ToolException("%s: %s".formatted(info.name(), e.getMessage()), false, e);
        }
    }

    private static String reason(FileSystemException e) {
        String more = e.getReason();
        if (more != null && !more.isBlank()) {
            return more;
        }
        return switch (e) {
            case NoSuchFileException absent -> "no such file or directory";
            case FileAlreadyExistsException there -> "exists already; wanted a path that does not";
            case AccessDeniedException denied -> "access denied to the user this viber runs as";
            case NotDirectoryException plain -> "is not a directory, or goes through something that is none";
            case DirectoryNotEmptyException full -> "the directory is not empty";
            default -> "failed (%s)".formatted(e.getClass().getSimpleName());
        };
    }
}
