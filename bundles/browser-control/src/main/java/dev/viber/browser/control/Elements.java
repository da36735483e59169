package dev.viber.browser.control;

import dev.viber.browser.control.Frames.Frame;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds elements in the frames of a tab and does things to them. */
final class Elements {
    /** How long an element may take to be there at all, where the caller gave no time of his own. */
    private static final long THERE_WITHIN_MS = 5_000;

    private static final String WORLD = "viber";

    private final Tab tab;
    private final Deadline deadline;
    private final boolean ownTime;

    /** An element that was found. */
    record Element(Frame frame, String object) {}

    /** A place in the tab, in CSS pixels from its upper left corner. */
    record Point(double x, double y) {}

    Elements(Tab tab, Call call) {
        this.tab = tab;
        deadline = call.deadline();
        ownTime = call.hasOwnTime();
    }

    /** The frame that a call means: by id, by name, by address, or by a selector of its element; else the main one. */
    Frame frame(@Nullable String wanted) {
        if (wanted == null || wanted.isEmpty()) {
            return tab.mainFrame();
        }
        Frame known = tab.look(() -> {
            Frame byId = tab.frames().byId(wanted);
            return byId != null ? byId : tab.frames().byName(wanted);
        });
        if (known != null) {
            return known;
        }
        Element owner = find(tab.mainFrame(), wanted, "ready");
        String id = describe(owner).get("frameId").text();
        if (id.isEmpty()) {
            throw new Failure(400, "no_frame", "'" + wanted + "' is an element, but no frame");
        }
        tab.await(() -> tab.frames().byId(id) != null, deadline, "the frame '" + wanted + "' did not come up");
        return tab.look(() -> {
            Frame found = tab.frames().byId(id);
            return found == null ? tab.mainFrame() : found;
        });
    }

    /**
     * Waits for an element.
     *
     * @throws Failure 404 where there is none, 408 where it is there but not as wanted, 400 for a bad selector
     */
    Element find(Frame frame, String selector, String state) {
        if (selector.startsWith(References.PREFIX)) {
            return byReference(selector.substring(References.PREFIX.length()), state);
        }
        Deadline there = ownTime ? deadline : deadline.atMost(THERE_WITHIN_MS);
        Element element = poll(frame, selector, state, there);
        if (element == null) {
            Element hidden = poll(frame, selector, "ready", Deadline.in(0));
            if (hidden == null) {
                throw new Failure(
                        404, "no_such_element", "no element fits '" + selector + "' within " + there.ms() + " ms");
            }
            element = poll(frame, selector, state, deadline);
        }
        if (element == null) {
            throw Failure.timeout("the element '" + selector + "' was there, but not " + state, deadline);
        }
        return element;
    }

    /** Waits for a selector to be in a state. */
    void await(Frame frame, String selector, String state) {
        if (selector.startsWith(References.PREFIX)) {
            try {
                byReference(selector.substring(References.PREFIX.length()), state);
            } catch (Failure e) {
                if (!state.equals("gone") || !e.code().equals("no_such_ref")) {
                    throw e;
                }
            }
            return;
        }
        if (poll(frame, selector, state, deadline) == null) {
            throw Failure.timeout("'" + selector + "' was not " + state, deadline);
        }
    }

    /** Calls a function with the element as {@code this}; its value. */
    Tree on(Element element, String function, Object... arguments) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("objectId", element.object());
        parameters.put("functionDeclaration", function);
        parameters.put(
                "arguments",
                List.of(arguments).stream().map(each -> Map.of("value", each)).toList());
        parameters.put("returnByValue", true);
        parameters.put("awaitPromise", true);
        Tree answer = tab.devTools().call(element.frame().session(), "Runtime.callFunctionOn", parameters, deadline);
        JavaScript.check(answer);
        return answer.get("result", "value");
    }

    Tree describe(Element element) {
        return tab.devTools()
                .call(element.frame().session(), "DOM.describeNode", Map.of("objectId", element.object()), deadline)
                .get("node");
    }

    /** The middle of what is seen of the element. */
    Point middle(Element element) {
        Map<String, ?> which = Map.of("objectId", element.object());
        String session = element.frame().session();
        tab.devTools().call(session, "DOM.scrollIntoViewIfNeeded", which, deadline);
        List<Tree> quads = tab.devTools()
                .call(session, "DOM.getContentQuads", which, deadline)
                .get("quads")
                .list();
        if (quads.isEmpty()) {
            throw new Failure(409, "not_visible", "the element is not drawn anywhere");
        }
        Point offset = offset(element.frame());
        List<Tree> corners = quads.getFirst().list();
        double x = 0;
        double y = 0;
        for (int i = 0; i < 8; i += 2) {
            x += corners.get(i).real() / 4;
            y += corners.get(i + 1).real() / 4;
        }
        return new Point(x + offset.x(), y + offset.y());
    }

    void focus(Element element) {
        tab.devTools().call(element.frame().session(), "DOM.focus", Map.of("objectId", element.object()), deadline);
    }

    /** Where the process that the frame is in begins: places are told from there. */
    private Point offset(Frame frame) {
        double x = 0;
        double y = 0;
        Frame at = frame;
        while (!at.session().equals(tab.session())) {
            Frame child = at;
            Frame parent = tab.look(() -> tab.frames().byId(child.parent()));
            if (parent == null) {
                throw new Failure(409, "frame_gone", "the frame went away");
            }
            if (!parent.session().equals(child.session())) {
                long node = tab.devTools()
                        .call(parent.session(), "DOM.getFrameOwner", Map.of("frameId", child.id()), deadline)
                        .get("backendNodeId")
                        .number();
                List<Tree> content = tab.devTools()
                        .call(parent.session(), "DOM.getBoxModel", Map.of("backendNodeId", node), deadline)
                        .get("model", "content")
                        .list();
                x += content.get(0).real();
                y += content.get(1).real();
            }
            at = parent;
        }
        return new Point(x, y);
    }

    private @Nullable Element poll(Frame wanted, String selector, String state, Deadline until) {
        while (true) {
            Frame frame = tab.look(() -> {
                Frame now = tab.frames().byId(wanted.id());
                return now == null ? wanted : now;
            });
            long before = tab.navigations();
            // The page minds the time; what it says of it may come a little later.
            Deadline answered = Deadline.in(until.leftMs() + 2_000);
            try {
                long context = world(frame, answered);
                Tree answer = tab.devTools()
                        .call(
                                frame.session(),
                                "Runtime.evaluate",
                                Map.of(
                                        "expression",
                                        PageScript.await(selector, state, until.leftMs()),
                                        "contextId",
                                        context,
                                        "awaitPromise",
                                        true),
                                answered);
                checkSelector(answer, selector);
                String object = answer.get("result", "objectId").text();
                return object.isEmpty() ? null : new Element(frame, object);
            } catch (Failure.Refused e) {
                // The document went away; the next one may have the element.
                if (!e.isContextGone() || until.isOver()) {
                    throw e;
                }
                tab.await(
                        () -> tab.navigations() != before || tab.frames().byId(wanted.id()) != null,
                        until,
                        "the frame did not come back");
            }
        }
    }

    /** An element that the tree named; it is there or gone, so only its state is waited for. */
    private Element byReference(String text, String state) {
        References.Reference reference = References.read(text);
        Frame frame = tab.look(() -> References.frame(reference, tab.frames().all()));
        if (frame == null) {
            throw References.gone(text);
        }
        try {
            String object = tab.devTools()
                    .call(
                            frame.session(),
                            "DOM.resolveNode",
                            Map.of("backendNodeId", reference.node(), "executionContextId", world(frame, deadline)),
                            deadline)
                    .get("object", "objectId")
                    .text();
            Tree answer = tab.devTools()
                    .call(
                            frame.session(),
                            "Runtime.callFunctionOn",
                            Map.of(
                                    "objectId",
                                    object,
                                    "functionDeclaration",
                                    PageScript.awaitThis(),
                                    "arguments",
                                    List.of(Map.of("value", state), Map.of("value", deadline.leftMs())),
                                    "awaitPromise",
                                    true),
                            Deadline.in(deadline.leftMs() + 2_000));
            String found = answer.get("result", "objectId").text();
            if (!found.isEmpty()) {
                return new Element(frame, found);
            }
        } catch (Failure.Refused e) {
            throw References.gone(text); // Chrome knows no such node, or its document went while it was waited for
        }
        if (deadline.isOver()) {
            throw Failure.timeout("the element '" + text + "' was there, but not " + state, deadline);
        }
        throw References.gone(text);
    }

    /** The context in which this bundle's scripts run, apart from the page's. */
    private long world(Frame frame, Deadline answered) {
        return tab.devTools()
                .call(
                        frame.session(),
                        "Page.createIsolatedWorld",
                        Map.of("frameId", frame.id(), "worldName", WORLD),
                        answered)
                .get("executionContextId")
                .number();
    }

    private static void checkSelector(Tree answer, String selector) {
        Tree exception = answer.get("exceptionDetails", "exception");
        String text = exception.get("description").text();
        if (!text.isEmpty()) {
            throw new Failure(
                    400,
                    "bad_selector",
                    "'" + selector + "' is no selector: "
                            + text.lines().findFirst().orElse(text));
        }
    }
}
