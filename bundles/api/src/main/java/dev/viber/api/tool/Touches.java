package dev.viber.api.tool;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a tool touches beyond its arguments; what it does not declare its {@link ToolContext} does not give it.
 *
 * <pre>{@code
 * Touches.reading("source").and(Touches.writing("destination"))
 * }</pre>
 *
 * @param access the kinds of things
 * @param reads the names of the arguments that name files or folders to read
 * @param writes the names of the arguments that name files or folders to write, move or delete
 * @param roots folders beside the workspace in which it reads and writes, as its operator configured; absolute
 */
public record Touches(Set<Access> access, List<String> reads, List<String> writes, List<Path> roots) {
    /** The kinds of things a tool can touch. */
    public enum Access {
        /** Files and folders, to read them. */
        READ,
        /** Files and folders, to change them. */
        WRITE,
        /** Other machines. */
        NETWORK,
        /** Other processes. */
        PROCESS;

        /** The word used in policies. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Nothing: it works on its arguments alone. */
    public static final Touches NOTHING = new Touches(Set.of(), List.of(), List.of(), List.of());

    /** Makes the parts unchangeable. */
    public Touches {
        access = Set.copyOf(access);
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
        roots = List.copyOf(roots);
    }

    /** Reads what these arguments name; none where it reads in the workspace without being told where. */
    public static Touches reading(String... arguments) {
        return new Touches(Set.of(Access.READ), Arrays.asList(arguments), List.of(), List.of());
    }

    /** Changes what these arguments name. */
    public static Touches writing(String... arguments) {
        return new Touches(Set.of(Access.WRITE), List.of(), Arrays.asList(arguments), List.of());
    }

    /** Other machines, other processes, or whatever else is named. */
    public static Touches of(Access... access) {
        return new Touches(Set.of(access), List.of(), List.of(), List.of());
    }

    /** Both. */
    public Touches and(Touches other) {
        EnumSet<Access> both = EnumSet.noneOf(Access.class);
        both.addAll(access);
        both.addAll(other.access);
        return new Touches(both, joined(reads, other.reads), joined(writes, other.writes), joined(roots, other.roots));
    }

    /** The same, also in these folders. */
    public Touches within(List<Path> folders) {
        return new Touches(access, reads, writes, folders);
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        return Stream.concat(some.stream(), more.stream()).distinct().toList();
    }
}
