package dev.viber.api.rest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value in a route's path, query or headers.
 *
 * @param required whether it must be there; always so in a path
 * @param fallback what stands for it where it is not there; null for nothing
 * @param pattern a regular expression the whole text matches; null for any
 * @param words the words it may be; empty for any
 * @param min the least number; unused for text
 * @param max the greatest number; unused for text
 */
public record Parameter(
        String name,
        Place place,
        Kind kind,
        boolean required,
        @Nullable String fallback,
        @Nullable String pattern,
        List<String> words,
        long min,
        long max,
        String about) {
    /** Where a parameter stands. */
    public enum Place {
        /** Between slashes. */
        PATH,
        /** Behind the question mark. */
        QUERY,
        /** Among the headers. */
        HEADER
    }

    /** What a parameter is. */
    public enum Kind {
        /** Any text. */
        TEXT,
        /** A whole number. */
        NUMBER
    }

    /** A part of the path; null as pattern for any. */
    public static Parameter path(String name, @Nullable String pattern, String about) {
        return new Parameter(name, Place.PATH, Kind.TEXT, true, null, pattern, List.of(), 0, 0, about);
    }

    /** An optional text in the query. */
    public static Parameter text(String name, String about) {
        return new Parameter(name, Place.QUERY, Kind.TEXT, false, null, null, List.of(), 0, 0, about);
    }

    /** An optional header. */
    public static Parameter header(String name, @Nullable String pattern, String about) {
        return new Parameter(name, Place.HEADER, Kind.TEXT, false, null, pattern, List.of(), 0, 0, about);
    }

    /** An optional word in the query. */
    public static Parameter word(String name, List<String> words, String about) {
        return new Parameter(name, Place.QUERY, Kind.TEXT, false, null, null, words, 0, 0, about);
    }

    /** A number in the query, with what stands for it where it is not there. */
    public static Parameter number(String name, long fallback, long min, long max, String about) {
        return new Parameter(
                name, Place.QUERY, Kind.NUMBER, false, Long.toString(fallback), null, List.of(), min, max, about);
    }
}
