package dev.viber.tool.search;

import java.nio.charset.StandardCharsets;

/** A name in a folder. */
final class Entry {
    /** What a search does with a name. */
    enum Kind {
        FILE,
        FOLDER,
        /** A link, a pipe, a device: never opened. */
        OTHER,
        /** What the file system does not say before it is opened. */
        UNSAID
    }

    private final byte[] raw;
    private final String name;
    private final Kind kind;

    private Entry(byte[] raw, Kind kind) {
        this.raw = raw;
        this.name = new String(raw, StandardCharsets.UTF_8);
        this.kind = kind;
    }

    static Entry of(byte[] raw, Kind kind) {
        return new Entry(raw, kind);
    }

    static Entry of(String name, Kind kind) {
        return new Entry(name.getBytes(StandardCharsets.UTF_8), kind);
    }

    /** The name as the system spells it, which need not be UTF-8; not to be changed. */
    byte[] raw() {
        return raw;
    }

    /** The name for people and for patterns. */
    String name() {
        return name;
    }

    Kind kind() {
        return kind;
    }
}
