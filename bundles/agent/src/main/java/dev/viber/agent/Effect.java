package dev.viber.agent;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What becomes of a call. */
enum Effect {
    /** It is made. */
    ALLOW,
    /** A person is asked. */
    ASK,
    /** It is not made. */
    DENY;

    /** The effect of this word. */
    static Effect of(@Nullable Object word, String pointer) {
        for (Effect effect : values()) {
            if (effect.word().equals(word)) {
                return effect;
            }
        }
        throw Rule.wrong(pointer, word, "allow, ask or deny");
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
