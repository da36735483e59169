package dev.viber.live.view;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a viewer asks for by one message; read strictly, so that a mistake is told and not guessed at. */
sealed interface Wish {
    /** The frame of this number has been shown. */
    record Ack(long seq) implements Wish {}

    /** To drive. */
    record Take() implements Wish {}

    /** To hand back. */
    record Release() implements Wish {}

    /**
     * The mouse.
     *
     * @param x in pixels of the last frame, from its left
     * @param y in pixels of the last frame, from its top
     * @param buttons that are held, as bits: 1 left, 2 right, 4 middle
     * @param modifiers as bits: 1 Alt, 2 Control, 4 Meta, 8 Shift
     */
    record Mouse(
            String action,
            double x,
            double y,
            String button,
            int buttons,
            int count,
            double deltaX,
            double deltaY,
            int modifiers)
            implements Wish {}

    /**
     * A key, as a page's keyboard event tells it.
     *
     * @param keyCode Windows' number of the key; 0 where it is to be found by its name
     */
    record Key(boolean down, String key, String code, int keyCode, int modifiers) implements Wish {}

    /** A text, put in as it is. */
    record Text(String text) implements Wish {}

    /** To another page. */
    record Navigate(String url) implements Wish {}

    /** Back, forward or anew. */
    record Move(String where) implements Wish {}

    /** Another tab. */
    record Tab(String id) implements Wish {}

    /** A message that cannot be followed; says what was wrong and what was wanted. */
    final class BadWishException extends Exception {
        private static final long serialVersionUID = 1L;

        BadWishException(String message) {
            super(message);
        }
    }

    /** The words that are known, with their members. */
    Map<String, Set<String>> MEMBERS = Map.ofEntries(
            Map.entry("ack", Set.of("seq")),
            Map.entry("take", Set.of()),
            Map.entry("release", Set.of()),
            Map.entry(
                    "mouse", Set.of("action", "x", "y", "button", "buttons", "count", "deltaX", "deltaY", "modifiers")),
            Map.entry("key", Set.of("action", "key", "code", "keyCode", "modifiers")),
            Map.entry("text", Set.of("text")),
            Map.entry("paste", Set.of("text")),
            Map.entry("navigate", Set.of("url")),
            Map.entry("back", Set.of()),
            Map.entry("forward", Set.of()),
            Map.entry("reload", Set.of()),
            Map.entry("tab", Set.of("id")));

    /** The longest text, in characters. */
    int LONGEST = 32 * 1024;

    /** Reads a message. */
    static Wish of(String message) throws BadWishException {
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(message);
        } catch (JacksonException e) {
            throw new BadWishException(
                    "the message is not JSON: " + e.getOriginalMessage().replaceAll("(?s) \\(start marker.*|\n.*", ""));
        }
        if (!json.isObject()) {
            throw new BadWishException("the message is no JSON object; wanted one with a member 'type'");
        }
        Members members = new Members(json);
        String type = members.text("type", "");
        Set<String> known = MEMBERS.get(type);
        if (known == null) {
            throw new BadWishException("type is '%s'; wanted one of %s"
                    .formatted(type, String.join(", ", new TreeSet<>(MEMBERS.keySet()))));
        }
        for (String name : json.propertyNames()) {
            if (!name.equals("type") && !known.contains(name)) {
                throw new BadWishException(
                        "'%s' has no member '%s'; known are %s".formatted(type, name, new TreeSet<>(known)));
            }
        }
        return switch (type) {
            case "ack" -> new Ack((long) members.number("seq", 0, Long.MAX_VALUE, null));
            case "take" -> new Take();
            case "release" -> new Release();
            case "mouse" ->
                new Mouse(
                        members.word("action", List.of("move", "down", "up", "wheel"), null),
                        members.number("x", -100_000, 100_000, null),
                        members.number("y", -100_000, 100_000, null),
                        members.word("button", List.of("none", "left", "middle", "right", "back", "forward"), "left"),
                        (int) members.number("buttons", 0, 31, 0.0),
                        (int) members.number("count", 1, 3, 1.0),
                        members.number("deltaX", -10_000, 10_000, 0.0),
                        members.number("deltaY", -10_000, 10_000, 0.0),
                        (int) members.number("modifiers", 0, 15, 0.0));
            case "key" ->
                new Key(
                        members.word("action", List.of("down", "up"), null).equals("down"),
                        members.needed("key"),
                        members.text("code", ""),
                        (int) members.number("keyCode", 0, 255, 0.0),
                        (int) members.number("modifiers", 0, 15, 0.0));
            case "text", "paste" -> new Text(members.needed("text"));
            case "navigate" -> new Navigate(address(members.needed("url")));
            case "tab" -> new Tab(members.needed("id"));
            default -> new Move(type);
        };
    }

    /** What a person typed into the address bar, as an address. */
    private static String address(String typed) throws BadWishException {
        String url = typed.strip();
        if (!url.matches("(?i)[a-z][a-z0-9+.-]*:(?!\\d).*")) {
            url = "https://" + url;
        }
        try {
            String scheme = URI.create(url.replaceAll("[^!-~]", "-")).getScheme();
            if (scheme != null
                    && List.of("http", "https", "data", "about", "blob").contains(scheme.toLowerCase(Locale.ROOT))) {
                return url;
            }
            throw new BadWishException("url has the scheme '%s'; wanted http, https, data or about".formatted(scheme));
        } catch (IllegalArgumentException e) {
            throw new BadWishException("url is no address: " + e.getMessage());
        }
    }

    /** The members of a message, each of its kind. */
    record Members(JsonNode json) {
        String text(String name, String otherwise) throws BadWishException {
            JsonNode value = json.path(name);
            if (value.isMissingNode()) {
                return otherwise;
            }
            if (!value.isString() || value.stringValue().length() > LONGEST) {
                throw new BadWishException(
                        "%s is %s; wanted a text of at most %d characters".formatted(name, shown(value), LONGEST));
            }
            return value.stringValue();
        }

        String needed(String name) throws BadWishException {
            String text = text(name, "");
            if (text.isEmpty()) {
                throw new BadWishException(name + " is missing or empty; wanted a text");
            }
            return text;
        }

        String word(String name, List<String> words, @Nullable String otherwise) throws BadWishException {
            String word = text(name, otherwise == null ? "" : otherwise);
            if (!words.contains(word)) {
                throw new BadWishException("%s is '%s'; wanted one of %s".formatted(name, word, words));
            }
            return word;
        }

        double number(String name, double least, double most, @Nullable Double otherwise) throws BadWishException {
            JsonNode value = json.path(name);
            if (value.isMissingNode() && otherwise != null) {
                return otherwise;
            }
            if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
                throw new BadWishException("%s is %s; wanted a number from %s to %s"
                        .formatted(name, shown(value), plain(least), plain(most)));
            }
            return value.doubleValue();
        }

        private static String plain(double number) {
            return Long.toString((long) number);
        }

        private static String shown(JsonNode value) {
            String text = value.isMissingNode() ? "missing" : value.toString();
            return text.length() > 60 ? text.substring(0, 60) + "..." : text;
        }
    }
}
