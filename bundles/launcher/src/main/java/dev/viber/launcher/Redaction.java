package dev.viber.launcher;

import java.util.regex.Pattern;

/**
 * The last guard before the log: nobody logs tokens, but a library's message may repeat what it was given. Of a token its
 * id stays, by which it can be revoked.
 */
final class Redaction {
    private static final String MARK = "vbr_";
    private static final Pattern TOKEN = Pattern.compile("(vbr_[0-9a-f]{4,64}_)[A-Za-z0-9_-]{8,}");

    private Redaction() {}

    /** The text without the secrets of tokens. */
    static String of(String text) {
        return text.contains(MARK) ? TOKEN.matcher(text).replaceAll("$1***") : text;
    }
}
