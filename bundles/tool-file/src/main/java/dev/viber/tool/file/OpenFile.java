package dev.viber.tool.file;

import java.io.IOException;

/** A regular file held open. */
interface OpenFile extends AutoCloseable {
    /** Its facts now. */
    FileFacts facts() throws IOException;

    /** Reads at most {@code length} bytes from a position of the file; the number read, 0 at its end. */
    int read(byte[] into, int offset, int length, long position) throws IOException;

    /** Writes all these bytes behind those written before, or at the end of a file opened to append. */
    void write(byte[] from, int offset, int length) throws IOException;

    /** Gives it these permission bits; nothing where the system has none. */
    void permit(int mode) throws IOException;

    /** Returns when what was written is on the disk. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
