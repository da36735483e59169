package dev.viber.tool.file;

import dev.viber.tool.file.FileFacts.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.List;

/** Walks a folder in the order of names, never into a link. */
final class Walk {
    /** What to do behind an entry. */
    enum Next {
        /** Into it if it is a folder. */
        DESCEND,
        /** Past it. */
        PASS,
        /** No further at all. */
        STOP
    }

    /** Sees each entry once. */
    @FunctionalInterface
    interface Visitor {
        /** Told the entry's path below the start of the walk, and its facts. */
        Next entry(String path, FileFacts facts);
    }

    private final Pace pace;
    private final boolean hidden;
    private final Visitor visitor;
    private final List<String> unreadable = new ArrayList<>();

    Walk(Pace pace, boolean hidden, Visitor visitor) {
        this.pace = pace;
        this.hidden = hidden;
        this.visitor = visitor;
    }

    /** Folders that could not be looked into. */
    List<String> unreadable() {
        return unreadable;
    }

    /** Walks; false where the visitor stopped it. */
    boolean run(Folder folder, String below) throws IOException, InterruptedException {
        for (String name : folder.names(pace)) {
            if (!hidden && name.startsWith(".")) {
                continue;
            }
            pace.entry();
            FileFacts facts = folder.facts(name);
            if (facts == null) {
                continue; // deleted meanwhile
            }
            String path = Tree.join(below, name);
            Next next = visitor.entry(path, facts);
            if (next == Next.STOP) {
                return false;
            }
            if (next == Next.DESCEND && facts.kind() == Kind.DIRECTORY && !descend(folder, name, path)) {
                return false;
            }
        }
        return true;
    }

    private boolean descend(Folder folder, String name, String path) throws IOException, InterruptedException {
        try (Folder child = folder.folder(name)) {
            return run(child, path);
        } catch (AccessDeniedException e) {
            unreadable.add(path);
            return true;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return true; // deleted or swapped for something else meanwhile
        }
    }
}
