package dev.viber.tool.file;

import dev.viber.tool.file.Kernel.Refused;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A folder by its descriptor. */
final class LinuxFolder implements Folder {
    private static final int NAME_AT = 19;

    private final Tree tree;
    private final int handle;
    private final String path;
    private boolean closed;

    LinuxFolder(Tree tree, int handle, String path) {
        this.tree = tree;
        this.handle = handle;
        this.path = path;
    }

    @Override
    public FileFacts facts() throws IOException {
        try {
            return LinuxTree.factsOf(handle, "");
        } catch (Refused e) {
            throw LinuxTree.failure(e, tree.shown(path));
        }
    }

    @Override
    public @Nullable FileFacts facts(String name) throws IOException {
        try {
            return LinuxTree.factsOf(handle, name);
        } catch (Refused e) {
            if (e.errno() == Kernel.ENOENT) {
                return null;
            }
            throw failure(e, name);
        }
    }

    @Override
    public List<String> names(Pace pace) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entries = arena.allocate(32 << 10, 8);
            int filled;
            while ((filled = Kernel.entries(handle, entries)) > 0) {
                pace.check();
                for (long at = 0; at < filled; ) {
                    String name = entries.getString(at + NAME_AT);
                    if (!name.equals(".") && !name.equals("..")) {
                        names.add(name);
                    }
                    at += Short.toUnsignedInt(entries.get(ValueLayout.JAVA_SHORT, at + 16));
                }
            }
        } catch (Refused e) {
            throw LinuxTree.failure(e, tree.shown(path));
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public Folder folder(String name) throws IOException {
        return new LinuxFolder(tree, open(name, Kernel.FOLDER_ONLY, 0), Tree.join(path, name));
    }

    @Override
    public OpenFile read(String name) throws IOException {
        return LinuxFile.regular(open(name, Kernel.NO_WAIT, 0), shown(name));
    }

    @Override
    public OpenFile create(String name) throws IOException {
        int flags = Kernel.WRITE_ONLY | Kernel.CREATE | Kernel.EXCLUSIVE;
        return LinuxFile.regular(open(name, flags, 0x1b6), shown(name));
    }

    @Override
    public OpenFile append(String name) throws IOException {
        int flags = Kernel.WRITE_ONLY | Kernel.CREATE | Kernel.APPEND | Kernel.NO_WAIT;
        return LinuxFile.regular(open(name, flags, 0x1b6), shown(name));
    }

    @Override
    public void makeFolder(String name) throws IOException {
        try {
            Kernel.makeFolder(handle, name);
        } catch (Refused e) {
            throw failure(e, name);
        }
    }

    @Override
    public void makeLink(String name, String target) throws IOException {
        try {
            Kernel.makeLink(target, handle, name);
        } catch (Refused e) {
            throw failure(e, name);
        }
    }

    @Override
    public String readLink(String name) throws IOException {
        try {
            return Kernel.readLink(handle, name);
        } catch (Refused e) {
            throw failure(e, name);
        }
    }

    @Override
    public void rename(String name, Folder to, String newName, boolean replace) throws IOException {
        if (!(to instanceof LinuxFolder target)) {
            throw new IllegalArgumentException("a folder of another kind of tree: " + to);
        }
        try {
            Kernel.rename(handle, name, target.handle, newName, replace ? 0 : Kernel.RENAME_KEEP);
        } catch (Refused e) {
            if (replace && e.errno() == Kernel.EINVAL) {
                throw Transfer.within(target.shown(newName));
            }
            if (replace || e.errno() != Kernel.EINVAL || target.facts(newName) != null) {
                throw target.failure(e, newName);
            }
            // A file system without RENAME_NOREPLACE, or a folder into itself: the plain call tells which.
            rename(name, to, newName, true);
        }
    }

    @Override
    public void delete(String name, boolean folder) throws IOException {
        try {
            Kernel.unlink(handle, name, folder ? Kernel.AT_REMOVE_FOLDER : 0);
        } catch (Refused e) {
            throw failure(e, name);
        }
    }

    @Override
    public void permit(int mode) throws IOException {
        try {
            Kernel.permit(handle, mode);
        } catch (Refused e) {
            throw LinuxTree.failure(e, tree.shown(path));
        }
    }

    @Override
    public void sync() throws IOException {
        try {
            Kernel.sync(handle);
        } catch (Refused e) {
            if (e.errno() != Kernel.EINVAL) { // a file system whose folders need no syncing
                throw LinuxTree.failure(e, tree.shown(path));
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            Kernel.close(handle);
        }
    }

    private int open(String name, int flags, int mode) throws IOException {
        try {
            return Kernel.open(handle, name, flags | Kernel.NO_LINK, mode);
        } catch (Refused e) {
            throw failure(e, name);
        }
    }

    private String shown(String name) {
        return tree.shown(Tree.join(path, name));
    }

    private IOException failure(Refused refused, String name) {
        return LinuxTree.failure(refused, shown(name));
    }
}
