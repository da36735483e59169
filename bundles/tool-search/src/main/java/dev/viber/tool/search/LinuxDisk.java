package dev.viber.tool.search;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Folders and files by descriptors: each name is opened in a folder held open, never by its whole path. */
final class LinuxDisk implements Disk {
    private static final int NAME_AT = 19;
    private static final int CHUNK = 64 << 10;

    private final Kernel kernel = new Kernel();
    private final MemorySegment names = kernel.memory(CHUNK);
    private final MemorySegment chunk = kernel.memory(CHUNK);
    private int file = -1;

    /** Takes over a file that is open already: the root, where that is one. */
    void adopt(int handle) {
        file = handle;
    }

    @Override
    public @Nullable List<Entry> entries(Folder folder) {
        List<Entry> entries = new ArrayList<>();
        while (true) {
            int filled = kernel.entries(folder.handle, names);
            if (filled <= 0) {
                return filled < 0 && entries.isEmpty() ? null : entries;
            }
            for (long at = 0; at < filled; ) {
                int length = Short.toUnsignedInt(names.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 16));
                Entry.Kind kind = kind(names.get(ValueLayout.JAVA_BYTE, at + 18));
                byte[] raw = name(at + NAME_AT);
                if (kind != Entry.Kind.OTHER && !isDots(raw)) {
                    entries.add(Entry.of(raw, kind));
                }
                at += length;
            }
        }
    }

    private byte[] name(long at) {
        int length = 0;
        while (names.get(ValueLayout.JAVA_BYTE, at + length) != 0) {
            length++;
        }
        byte[] raw = new byte[length];
        MemorySegment.copy(names, ValueLayout.JAVA_BYTE, at, raw, 0, length);
        return raw;
    }

    private static boolean isDots(byte[] raw) {
        return raw[0] == '.' && (raw.length == 1 || (raw.length == 2 && raw[1] == '.'));
    }

    private static Entry.Kind kind(byte type) {
        return switch (type) {
            case 8 -> Entry.Kind.FILE;
            case 4 -> Entry.Kind.FOLDER;
            case 0 -> Entry.Kind.UNSAID;
            default -> Entry.Kind.OTHER;
        };
    }

    @Override
    public @Nullable Folder folder(Folder in, Entry entry) {
        int handle = kernel.open(in.handle, entry.raw(), true);
        return handle < 0 ? null : new Folder(handle, null, in.path(entry.name()), in.ignores);
    }

    @Override
    public boolean open(Folder in, Entry entry) {
        file = kernel.open(in.handle, entry.raw(), false);
        return file >= 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        int count = kernel.read(file, chunk, Math.min(length, CHUNK));
        if (count > 0) {
            MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, into, offset, count);
        }
        return Math.max(count, -1);
    }

    @Override
    public void closeFile() {
        kernel.close(file);
        file = -1;
    }

    @Override
    public void release(Folder folder) {
        if (folder.release()) {
            kernel.close(folder.handle);
        }
    }

    @Override
    public void standBack(int niceness) {
        kernel.standBack(niceness);
    }

    @Override
    public void close() {
        closeFile();
        kernel.close();
    }
}
