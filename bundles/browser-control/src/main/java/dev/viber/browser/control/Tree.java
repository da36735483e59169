package dev.viber.browser.control;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of JSON and what is below it; what is not there is a tree of null, so that a path needs no checks on its way.
 *
 * @param value as {@link Json#read} gives it
 */
record Tree(@Nullable Object value) {
    static final Tree NOTHING = new Tree(null);

    /** The member, step by step. */
    Tree get(String... path) {
        Object at = value;
        for (String name : path) {
            at = at instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return at == null ? NOTHING : new Tree(at);
    }

    boolean isNothing() {
        return value == null;
    }

    /** The text; empty where it is none. */
    String text() {
        return value instanceof String text ? text : "";
    }

    /** The text; null where it is none. */
    @Nullable
    String textOrNull() {
        return value instanceof String text ? text : null;
    }

    /** The number; 0 where it is none. */
    long number() {
        return value instanceof Number number ? number.longValue() : 0;
    }

    /** The number; 0 where it is none. */
    double real() {
        return value instanceof Number number ? number.doubleValue() : 0;
    }

    /** Whether it is the truth value true. */
    boolean truth() {
        return Boolean.TRUE.equals(value);
    }

    /** The elements; none where it is no list. */
    List<Tree> list() {
        return value instanceof List<?> list ? list.stream().map(Tree::new).toList() : List.of();
    }
}
