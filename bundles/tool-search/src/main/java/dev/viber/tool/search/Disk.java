package dev.viber.tool.search;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How one thread of a search looks at folders and files; links are never followed. */
interface Disk extends AutoCloseable {
    /** All names in the folder, in no order; null where it cannot be looked into. */
    @Nullable
    List<Entry> entries(Folder folder) throws IOException;

    /** Opens the folder of this name; null where it is none, or not any more, or may not be opened. */
    @Nullable
    Folder folder(Folder in, Entry entry) throws IOException;

    /** Opens the regular file of this name as the one that is read; false where that is refused. */
    boolean open(Folder in, Entry entry) throws IOException;

    /** Reads on in the open file; 0 at its end, -1 where the disk refuses. */
    int read(byte[] into, int offset, int length) throws IOException;

    /** Closes the open file. */
    void closeFile() throws IOException;

    /** Lets go of a folder; the last one closes it. */
    void release(Folder folder);

    /** Lets this thread stand back behind the rest of the process, as far as the system can do that. */
    void standBack(int niceness);

    @Override
    void close();
}
