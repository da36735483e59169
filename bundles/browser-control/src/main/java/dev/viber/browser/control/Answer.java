package dev.viber.browser.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers that several calls give. */
final class Answer {
    /** All is well, and there is no more to say. */
    static final Map<String, Object> OK = Map.of("status", "ok");

    private Answer() {}

    /** All is well, with the dialog that the action opened and that now waits for an answer. */
    static Map<String, @Nullable Object> after(Tab tab) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>(OK);
        Map<String, @Nullable Object> dialog =
                tab.look(() -> tab.dialogs().isHeld() ? tab.dialogs().open() : null);
        if (dialog != null) {
            out.put("dialog", dialog);
        }
        return out;
    }
}
