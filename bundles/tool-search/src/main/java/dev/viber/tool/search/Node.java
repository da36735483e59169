package dev.viber.tool.search;

import java.util.List;

/** A regular expression, as far as it matters where in a line a match begins: greed and groups do not. */
sealed interface Node {
    /** Nothing, which fits everywhere. */
    record Empty() implements Node {}

    /** One rune out of a set. */
    record One(Runes runes) implements Node {}

    /** One behind the other. */
    record All(List<Node> parts) implements Node {}

    /** Any of these. */
    record Any(List<Node> choices) implements Node {}

    /** Again and again; without end where {@code most} is -1. */
    record Repeat(Node part, int least, int most) implements Node {}

    /** A place between two runes. */
    record Place(At at) implements Node {}

    /** The kinds of place. */
    enum At {
        LINE_START,
        LINE_END,
        WORD_EDGE,
        NO_WORD_EDGE
    }
}
