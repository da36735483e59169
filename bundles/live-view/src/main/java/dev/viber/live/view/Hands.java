package dev.viber.live.view;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a person does, as the input of one tab. Of movements only the latest waits while Chrome has not answered the one
 * before: a slow guest is not sent a trail that nobody wants any more. Used by its screen's thread alone.
 */
final class Hands {
    private static final int ALT = 1;
    private static final int CONTROL = 2;
    private static final int META = 4;
    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("Backspace", 8),
            Map.entry("Tab", 9),
            Map.entry("Enter", 13),
            Map.entry("Shift", 16),
            Map.entry("Control", 17),
            Map.entry("Alt", 18),
            Map.entry("Escape", 27),
            Map.entry(" ", 32),
            Map.entry("PageUp", 33),
            Map.entry("PageDown", 34),
            Map.entry("End", 35),
            Map.entry("Home", 36),
            Map.entry("ArrowLeft", 37),
            Map.entry("ArrowUp", 38),
            Map.entry("ArrowRight", 39),
            Map.entry("ArrowDown", 40),
            Map.entry("Insert", 45),
            Map.entry("Delete", 46),
            Map.entry("Meta", 91));

    private final DevTools devTools;
    private final String session;
    private final Consumer<Runnable> onThread;
    private boolean moving;
    private @Nullable Map<String, Object> nextMove;

    /**
     * The hands at this tab.
     *
     * @param onThread runs something on the screen's thread
     */
    Hands(DevTools devTools, String session, Consumer<Runnable> onThread) {
        this.devTools = devTools;
        this.session = session;
        this.onThread = onThread;
    }

    /** Does this to what the frame shows; what goes wrong is told. */
    void mouse(Wish.Mouse mouse, Frame frame, Consumer<String> wrong) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("x", mouse.x() * frame.pageWidth() / frame.size().width());
        event.put("y", mouse.y() * frame.pageHeight() / frame.size().height());
        event.put("modifiers", mouse.modifiers());
        event.put("buttons", mouse.buttons());
        switch (mouse.action()) {
            case "move" -> {
                event.put("type", "mouseMoved");
                event.put("button", held(mouse.buttons()));
                move(event);
            }
            case "wheel" -> {
                event.put("type", "mouseWheel");
                event.put("deltaX", mouse.deltaX());
                event.put("deltaY", mouse.deltaY());
                act("Input.dispatchMouseEvent", event, wrong);
            }
            default -> {
                event.put("type", mouse.action().equals("down") ? "mousePressed" : "mouseReleased");
                event.put("button", mouse.button());
                event.put("clickCount", mouse.count());
                act("Input.dispatchMouseEvent", event, wrong);
            }
        }
    }

    private static String held(int buttons) {
        return (buttons & 1) != 0 ? "left" : (buttons & 2) != 0 ? "right" : (buttons & 4) != 0 ? "middle" : "none";
    }

    private void move(Map<String, Object> event) {
        if (moving) {
            nextMove = event;
            return;
        }
        moving = true;
        whenDone(devTools.send(session, "Input.dispatchMouseEvent", event), (answer, failure) -> {
            moving = false;
            Map<String, Object> next = nextMove;
            nextMove = null;
            if (next != null && failure == null) {
                move(next);
            }
        });
    }

    /** Presses a key, or lets it go. */
    void key(Wish.Key key, Consumer<String> wrong) {
        boolean plain = (key.modifiers() & (ALT | CONTROL | META)) == 0;
        String text = key.key().equals("Enter")
                ? "\r"
                : key.key().codePointCount(0, key.key().length()) == 1 ? key.key() : "";
        boolean writes = key.down() && plain && !text.isEmpty();
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", !key.down() ? "keyUp" : writes ? "keyDown" : "rawKeyDown");
        event.put("modifiers", key.modifiers());
        event.put("key", key.key());
        event.put("code", key.code());
        event.put("windowsVirtualKeyCode", key.keyCode() != 0 ? key.keyCode() : number(key.key()));
        if (writes) {
            event.put("text", text);
        }
        if (key.down() && !plain && (key.modifiers() & ALT) == 0) {
            // The platform's own bindings, which a browser without a window does not have.
            String command = switch (key.key().toLowerCase(Locale.ROOT)) {
                case "a" -> "selectAll";
                case "c" -> "copy";
                case "x" -> "cut";
                case "z" -> "undo";
                case "y" -> "redo";
                default -> "";
            };
            if (!command.isEmpty()) {
                event.put("commands", List.of(command));
            }
        }
        act("Input.dispatchKeyEvent", event, wrong);
    }

    private static int number(String key) {
        if (key.length() == 1) {
            char upper = Character.toUpperCase(key.charAt(0));
            if ((upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9')) {
                return upper;
            }
        }
        if (key.matches("F([1-9]|1[0-2])")) {
            return 111 + Integer.parseInt(key.substring(1));
        }
        return NUMBERS.getOrDefault(key, 0);
    }

    /** Puts a text in where the focus is. */
    void text(String text, Consumer<String> wrong) {
        act("Input.insertText", Map.of("text", text), wrong);
    }

    /** Goes to another page. */
    void navigate(String url, Consumer<String> wrong) {
        whenDone(devTools.send(session, "Page.navigate", Map.of("url", url)), (answer, failure) -> {
            String error = answer == null ? "" : answer.path("errorText").asString("");
            if (failure != null || !error.isEmpty()) {
                wrong.accept("%s: %s".formatted(url, failure != null ? failure : error));
            }
        });
    }

    /** Goes back or forward, or loads the page anew. */
    void go(String where, Consumer<String> wrong) {
        if (where.equals("reload")) {
            act("Page.reload", Map.of(), wrong);
            return;
        }
        whenDone(devTools.send(session, "Page.getNavigationHistory", Map.of()), (answer, failure) -> {
            JsonNode entry = answer == null
                    ? null
                    : answer.path("entries")
                            .get(answer.path("currentIndex").asInt(0) + (where.equals("back") ? -1 : 1));
            if (entry == null) {
                wrong.accept(failure != null ? failure : "there is no page to go %s to".formatted(where));
            } else {
                act(
                        "Page.navigateToHistoryEntry",
                        Map.of("entryId", entry.path("id").asInt(0)),
                        wrong);
            }
        });
    }

    private void act(String method, Map<String, ?> parameters, Consumer<String> wrong) {
        Map<String, Object> next = nextMove;
        nextMove = null;
        if (next != null) {
            devTools.tell(session, "Input.dispatchMouseEvent", next); // where the mouse is before it does more
        }
        whenDone(devTools.send(session, method, parameters), (answer, failure) -> {
            if (failure != null) {
                wrong.accept(method + ": " + failure);
            }
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void whenDone(CompletableFuture<JsonNode> answer, BiConsumer<@Nullable JsonNode, @Nullable String> what) {
        answer.whenComplete((json, failure) -> onThread.accept(
                () -> what.accept(json, failure == null ? null : String.valueOf(failure.getMessage()))));
    }
}
