package dev.viber.rest;

import dev.viber.api.viber.ViberDesk;
import java.util.Map;

/** What a pattern wants, in words for people. */
final class Wanted {
    private static final Map<String, String> WORDS = Map.of(
            ViberDesk.ID_PATTERN,
            ViberDesk.ID_WORDS,
            "\\S",
            "a text that is not blank",
            Json.DURATION_SCHEMA,
            "seconds, a text such as 12h or 30d, or ISO 8601 such as PT36H");

    private Wanted() {}

    /** What this pattern, as a route or the description has it, wants. */
    static String inWords(String pattern) {
        String bare = pattern.startsWith("^(?:") && pattern.endsWith(")$")
                ? pattern.substring(4, pattern.length() - 2)
                : pattern;
        return WORDS.getOrDefault(bare, "what fits " + bare);
    }
}
