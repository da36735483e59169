package dev.viber.browser.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The frames of a tab, whichever process each is in, with the context in which their own scripts run; guarded by the tab. */
final class Frames {
    /**
     * A frame.
     *
     * @param id its own, which is the tab's for the main one
     * @param parent empty for the main one
     * @param session of the process it is in
     * @param loader of the document it shows
     */
    record Frame(String id, String parent, String session, String url, String name, String loader) {}

    private record Context(String session, long id) {}

    private final Map<String, Frame> frames = new LinkedHashMap<>();
    private final Map<String, Context> contexts = new LinkedHashMap<>();

    /** Takes in the tree that {@code Page.getFrameTree} gives. */
    void tree(String session, Tree tree) {
        put(session, tree.get("frame"));
        tree.get("childFrames").list().forEach(each -> tree(session, each));
    }

    void event(String session, String method, Tree p) {
        switch (method) {
            case "Page.frameAttached" -> {
                String id = p.get("frameId").text();
                frames.put(id, new Frame(id, p.get("parentFrameId").text(), session, "", "", ""));
            }
            case "Page.frameNavigated" -> put(session, p.get("frame"));
            case "Page.navigatedWithinDocument" -> {
                Frame old = frames.get(p.get("frameId").text());
                if (old != null) {
                    frames.put(
                            old.id(),
                            new Frame(
                                    old.id(),
                                    old.parent(),
                                    session,
                                    p.get("url").text(),
                                    old.name(),
                                    old.loader()));
                }
            }
            case "Page.frameDetached" -> {
                // A swap goes on in another process, which tells of it by itself.
                if (!p.get("reason").text().equals("swap")) {
                    frames.remove(p.get("frameId").text());
                }
            }
            case "Runtime.executionContextCreated" -> {
                Tree about = p.get("context", "auxData");
                if (about.get("isDefault").truth()) {
                    contexts.put(
                            about.get("frameId").text(),
                            new Context(session, p.get("context", "id").number()));
                }
            }
            case "Runtime.executionContextDestroyed" -> {
                Context gone = new Context(session, p.get("executionContextId").number());
                contexts.values().removeIf(gone::equals);
            }
            case "Runtime.executionContextsCleared" ->
                contexts.values().removeIf(each -> each.session().equals(session));
            default -> {}
        }
    }

    /** A process went away with the frames that were in it. */
    void detached(String session) {
        contexts.values().removeIf(each -> each.session().equals(session));
        frames.values().removeIf(each -> each.session().equals(session));
    }

    List<Frame> all() {
        return List.copyOf(frames.values());
    }

    @Nullable
    Frame byId(String id) {
        return frames.get(id);
    }

    /** By its name or its address. */
    @Nullable
    Frame byName(String name) {
        return frames.values().stream()
                .filter(each -> !each.parent().isEmpty())
                .filter(each -> each.name().equals(name) || each.url().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** Where its own scripts run; 0 where it has none yet. */
    long context(Frame frame) {
        Context context = contexts.get(frame.id());
        return context == null || !context.session().equals(frame.session()) ? 0 : context.id();
    }

    private void put(String session, Tree frame) {
        String id = frame.get("id").text();
        Frame old = frames.get(id);
        // The root of a process of its own does not know its parent.
        String parent = frame.get("parentId").text();
        parent = parent.isEmpty() && old != null ? old.parent() : parent;
        frames.put(
                id,
                new Frame(
                        id,
                        parent,
                        session,
                        frame.get("url").text() + frame.get("urlFragment").text(),
                        frame.get("name").text(),
                        frame.get("loaderId").text()));
    }
}
