package dev.viber.browser.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keys as events: texts letter by letter, and chords such as {@code Control+Shift+Home}. */
final class Keyboard {
    private static final int ALT = 1;
    private static final int CONTROL = 2;
    private static final int META = 4;
    private static final int SHIFT = 8;
    private static final Map<String, Integer> MODIFIERS =
            Map.of("alt", ALT, "control", CONTROL, "ctrl", CONTROL, "meta", META, "shift", SHIFT);
    private static final Map<String, Key> KEYS = keys();

    private record Key(String key, String code, int number, String text) {}

    private Keyboard() {}

    /** Types a text: a line break is Enter, a tab is Tab; what no key gives is put in as it is. */
    static void type(Tab tab, String text, Deadline deadline) {
        List<CompletableFuture<Tree>> sent = new ArrayList<>();
        text.codePoints().forEach(point -> {
            String one = Character.toString(point);
            Key key = point == '\r' || point == '\n' ? KEYS.get("enter") : point == '\t' ? KEYS.get("tab") : of(one);
            if (key == null) {
                sent.add(tab.devTools().send(tab.session(), "Input.insertText", Map.of("text", one)));
            } else {
                int modifiers = Character.isUpperCase(point) ? SHIFT : 0;
                sent.add(send(tab, "keyDown", key, modifiers));
                sent.add(send(tab, "keyUp", key, modifiers));
            }
        });
        await(tab, sent, deadline);
    }

    /**
     * Presses chords, one after the other.
     *
     * @param chords apart by blanks, such as {@code Control+a Delete}
     * @throws Failure 400 for a key that is not known
     */
    static void press(Tab tab, String chords, Deadline deadline) {
        List<List<String>> all = new ArrayList<>();
        for (String chord : chords.strip().split("\\s+", -1)) {
            // The plus sign itself is a key, too: Control++.
            List<String> parts = new ArrayList<>(List.of(chord.split("\\+", -1)));
            if (chord.endsWith("+")) {
                parts.removeLast();
                parts.removeLast();
                parts.add("+");
            }
            parts.forEach(Keyboard::known);
            all.add(parts);
        }
        List<CompletableFuture<Tree>> sent = new ArrayList<>();
        for (List<String> parts : all) {
            int modifiers = 0;
            for (String part : parts) {
                modifiers |= MODIFIERS.getOrDefault(part.toLowerCase(Locale.ROOT), 0);
                sent.add(send(tab, "keyDown", known(part), modifiers));
            }
            for (String part : parts.reversed()) {
                modifiers &= ~MODIFIERS.getOrDefault(part.toLowerCase(Locale.ROOT), 0);
                sent.add(send(tab, "keyUp", known(part), modifiers));
            }
        }
        await(tab, sent, deadline);
    }

    /** The bits of modifiers as DevTools counts them. */
    static int modifiers(List<Tree> names) {
        int out = 0;
        for (Tree each : names) {
            Integer bit = MODIFIERS.get(each.text().toLowerCase(Locale.ROOT));
            if (bit == null) {
                throw Failure.malformed("'" + each.text() + "' is no modifier; known are Alt, Control, Meta, Shift");
            }
            out |= bit;
        }
        return out;
    }

    private static void await(Tab tab, List<CompletableFuture<Tree>> sent, Deadline deadline) {
        // A key may open a dialog that is held: what comes behind it is answered after it only.
        CompletableFuture<Void> all = CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
        tab.await(all, "Chrome did not take the keys", deadline);
        if (all.isCompletedExceptionally()) {
            sent.forEach(each -> DevTools.await(each, "Input.dispatchKeyEvent", deadline));
        }
    }

    private static CompletableFuture<Tree> send(Tab tab, String type, Key key, int modifiers) {
        // With Control, Alt or Meta held a key gives no text.
        boolean writes = type.equals("keyDown") && !key.text().isEmpty() && (modifiers & ~SHIFT) == 0;
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type.equals("keyDown") && !writes ? "rawKeyDown" : type);
        event.put("modifiers", modifiers);
        event.put("key", key.key());
        event.put("code", key.code());
        event.put("windowsVirtualKeyCode", key.number());
        if (writes) {
            event.put("text", key.text());
        }
        if ((modifiers & CONTROL) != 0 && key.key().equalsIgnoreCase("a") && type.equals("keyDown")) {
            // The platform's own binding, which a browser without a window does not have.
            event.put("commands", List.of("selectAll"));
        }
        return tab.devTools().send(tab.session(), "Input.dispatchKeyEvent", event);
    }

    private static Key known(String name) {
        Key key = name.codePointCount(0, name.length()) == 1 ? of(name) : KEYS.get(name.toLowerCase(Locale.ROOT));
        if (key == null) {
            throw Failure.malformed("'" + name + "' is no key; a key is one character or one of " + names());
        }
        return key;
    }

    private static @Nullable Key of(String one) {
        char c = one.charAt(0);
        if (one.length() != 1 || c < ' ' || c > '~') {
            return null;
        }
        char upper = Character.toUpperCase(c);
        if (upper >= 'A' && upper <= 'Z') {
            return new Key(one, "Key" + upper, upper, one);
        }
        if (c >= '0' && c <= '9') {
            return new Key(one, "Digit" + c, c, one);
        }
        return c == ' ' ? KEYS.get("space") : new Key(one, "", 0, one);
    }

    private static List<String> names() {
        return KEYS.values().stream()
                .map(Key::key)
                .filter(each -> !each.isBlank())
                .distinct()
                .sorted()
                .toList();
    }

    private static Map<String, Key> keys() {
        Map<String, Key> out = new HashMap<>();
        for (Key each : List.of(
                new Key("Enter", "Enter", 13, "\r"),
                new Key("Tab", "Tab", 9, ""),
                new Key("Backspace", "Backspace", 8, ""),
                new Key("Delete", "Delete", 46, ""),
                new Key("Insert", "Insert", 45, ""),
                new Key("Escape", "Escape", 27, ""),
                new Key("ArrowLeft", "ArrowLeft", 37, ""),
                new Key("ArrowUp", "ArrowUp", 38, ""),
                new Key("ArrowRight", "ArrowRight", 39, ""),
                new Key("ArrowDown", "ArrowDown", 40, ""),
                new Key("Home", "Home", 36, ""),
                new Key("End", "End", 35, ""),
                new Key("PageUp", "PageUp", 33, ""),
                new Key("PageDown", "PageDown", 34, ""),
                new Key("Shift", "ShiftLeft", 16, ""),
                new Key("Control", "ControlLeft", 17, ""),
                new Key("Alt", "AltLeft", 18, ""),
                new Key("Meta", "MetaLeft", 91, ""))) {
            out.put(each.key().toLowerCase(Locale.ROOT), each);
        }
        for (int i = 1; i <= 12; i++) {
            out.put("f" + i, new Key("F" + i, "F" + i, 111 + i, ""));
        }
        out.put("space", new Key(" ", "Space", 32, " "));
        out.put("ctrl", new Key("Control", "ControlLeft", 17, ""));
        return Map.copyOf(out);
    }
}
