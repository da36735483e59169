package dev.viber.browser.control;

import dev.viber.browser.control.Elements.Point;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The mouse. */
final class Pointer {
    static final List<String> BUTTONS = List.of("left", "middle", "right");
    private static final Map<String, Integer> BITS = Map.of("left", 1, "right", 2, "middle", 4);
    private static final int LARGEST_COUNT = 3;

    private Pointer() {}

    static void move(Tab tab, Point to, int modifiers, Deadline deadline) {
        send(tab, "mouseMoved", to, Map.of("modifiers", modifiers), deadline);
    }

    /** A click, or several of them in a row as one double click. */
    static void click(Tab tab, Point at, String button, long count, int modifiers, Deadline deadline) {
        if (count < 1 || count > LARGEST_COUNT) {
            throw Failure.malformed("'count' is " + count + ", wanted 1 to " + LARGEST_COUNT);
        }
        move(tab, at, modifiers, deadline);
        for (int i = 1; i <= count; i++) {
            press(tab, at, button, i, modifiers, deadline);
            release(tab, at, button, i, modifiers, deadline);
        }
    }

    static void press(Tab tab, Point at, String button, int count, int modifiers, Deadline deadline) {
        send(tab, "mousePressed", at, button(button, count, modifiers, BITS.getOrDefault(button, 0)), deadline);
    }

    static void release(Tab tab, Point at, String button, int count, int modifiers, Deadline deadline) {
        send(tab, "mouseReleased", at, button(button, count, modifiers, 0), deadline);
    }

    /** From one place to another with the left button held. */
    static void drag(Tab tab, Point from, Point to, long steps, Deadline deadline) {
        move(tab, from, 0, deadline);
        press(tab, from, "left", 1, 0, deadline);
        for (int i = 1; i <= steps; i++) {
            double part = (double) i / steps;
            Point at = new Point(from.x() + (to.x() - from.x()) * part, from.y() + (to.y() - from.y()) * part);
            send(tab, "mouseMoved", at, Map.of("button", "left", "buttons", 1), deadline);
        }
        release(tab, to, "left", 1, 0, deadline);
    }

    static void wheel(Tab tab, Point at, double deltaX, double deltaY, int modifiers, Deadline deadline) {
        send(tab, "mouseWheel", at, Map.of("deltaX", deltaX, "deltaY", deltaY, "modifiers", modifiers), deadline);
    }

    private static Map<String, Object> button(String button, int count, int modifiers, int buttons) {
        return Map.of("button", button, "clickCount", count, "modifiers", modifiers, "buttons", buttons);
    }

    private static void send(Tab tab, String type, Point at, Map<String, Object> more, Deadline deadline) {
        Map<String, Object> event = new LinkedHashMap<>(more);
        event.put("type", type);
        event.put("x", at.x());
        event.put("y", at.y());
        tab.callWithDialogs(tab.session(), "Input.dispatchMouseEvent", event, deadline);
    }
}
