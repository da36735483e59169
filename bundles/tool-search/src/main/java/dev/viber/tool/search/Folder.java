package dev.viber.tool.search;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A folder, open as long as someone still has to look into it; shared by threads. */
final class Folder {
    /** Its descriptor, or -1 where the disk goes by paths. */
    final int handle;

    /** Its real path where the disk goes by paths. */
    final @Nullable Path real;

    /** Its path below the root of the search; empty for the root. */
    final String below;

    /** What is ignored in it. */
    final Ignores ignores;

    private final AtomicInteger holders;

    /** A folder that was just opened, held once. */
    Folder(int handle, @Nullable Path real, String below, Ignores ignores) {
        this(handle, real, below, ignores, new AtomicInteger(1));
    }

    private Folder(int handle, @Nullable Path real, String below, Ignores ignores, AtomicInteger holders) {
        this.holders = holders;
        this.handle = handle;
        this.real = real;
        this.below = below;
        this.ignores = ignores;
    }

    /** The same folder, now that its own rules are known. */
    Folder with(Ignores own) {
        return new Folder(handle, real, below, own, holders);
    }

    String path(String name) {
        return below.isEmpty() ? name : below + "/" + name;
    }

    void hold(int times) {
        holders.addAndGet(times);
    }

    /** Whether that was the last one. */
    boolean release() {
        return holders.decrementAndGet() == 0;
    }
}
