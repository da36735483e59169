package dev.viber.browser.control;

import dev.viber.browser.control.Frames.Frame;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request, with its members checked, its time and the browser that it is for. */
final class Call {
    private final Browser browser;
    private final Map<String, String> path;
    private final Map<String, Object> members;
    private final Deadline deadline;
    private final boolean ownTime;

    Call(Browser browser, Map<String, String> path, Map<String, Object> members, Deadline deadline, boolean ownTime) {
        this.browser = browser;
        this.path = path;
        this.members = members;
        this.deadline = deadline;
        this.ownTime = ownTime;
    }

    Browser browser() {
        return browser;
    }

    Deadline deadline() {
        return deadline;
    }

    /** Whether the caller said how long it may take. */
    boolean hasOwnTime() {
        return ownTime;
    }

    /** The tab that is meant. */
    Tab tab() {
        return browser.tab(textOrNull("tab"), deadline);
    }

    /** The tab that is meant, for an action: what navigates from now on is its doing. */
    Tab actingTab() {
        Tab tab = tab();
        tab.act();
        return tab;
    }

    Elements elements(Tab tab) {
        return new Elements(tab, this);
    }

    /** The frame that is meant. */
    Frame frame(Tab tab) {
        return elements(tab).frame(textOrNull("frame"));
    }

    /** What stands in the path. */
    String inPath(String name) {
        return path.getOrDefault(name, "");
    }

    /** A text; empty where it is not there. */
    String text(String name) {
        return members.get(name) instanceof String text ? text : "";
    }

    @Nullable
    String textOrNull(String name) {
        return members.get(name) instanceof String text && !text.isEmpty() ? text : null;
    }

    boolean has(String name) {
        return members.containsKey(name);
    }

    boolean truth(String name) {
        return Boolean.TRUE.equals(members.get(name));
    }

    long number(String name, long otherwise) {
        return members.get(name) instanceof Number number ? number.longValue() : otherwise;
    }

    double real(String name, double otherwise) {
        return members.get(name) instanceof Number number ? number.doubleValue() : otherwise;
    }

    List<Tree> list(String name) {
        return new Tree(members.get(name)).list();
    }

    /** An object of texts; empty where it is not there. */
    Map<?, ?> map(String name) {
        return members.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    /** One of these words; the first where it is not there. */
    String word(String name, List<String> words) {
        String given = text(name);
        if (given.isEmpty()) {
            return words.getFirst();
        }
        if (!words.contains(given)) {
            throw Failure.malformed("'" + name + "' is '" + given + "', wanted one of " + words);
        }
        return given;
    }
}
