package dev.viber.browser.control;

import dev.viber.browser.control.Frames.Frame;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs expressions in a frame, among the page's own scripts. */
final class JavaScript {
    private JavaScript() {}

    /**
     * The value of an expression: as JSON where it is that, else its description.
     *
     * @throws Failure 422 with message and stack where it throws, 409 where a dialog stands open
     */
    static @Nullable Object evaluate(Tab tab, Frame frame, String expression, boolean awaitPromise, Deadline deadline) {
        tab.await(() -> tab.frames().context(now(tab, frame)) != 0, deadline, "the frame had no scripts");
        Frame in = tab.look(() -> now(tab, frame));
        long context = tab.look(() -> tab.frames().context(in));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("expression", expression);
        parameters.put("contextId", context);
        parameters.put("awaitPromise", awaitPromise);
        parameters.put("userGesture", true);
        parameters.put("replMode", false);
        // What runs for ever is ended, lest the page stays deaf to all that comes after.
        parameters.put("timeout", Math.max(1, deadline.leftMs() - 50));
        Tree answer;
        try {
            answer = tab.callWithDialogs(in.session(), "Runtime.evaluate", parameters, deadline);
        } catch (Failure.Refused e) {
            if (String.valueOf(e.getMessage()).contains("Execution was terminated")) {
                throw Failure.timeout("the expression did not end", deadline);
            }
            if (e.isContextGone()) {
                throw new Failure(409, "navigated", "the page navigated before the expression had its value");
            }
            throw e;
        }
        if (answer == null) {
            throw new Failure(409, "dialog_open", "the expression opened a dialog, which waits for its answer");
        }
        check(answer);
        return value(tab, in, answer.get("result"), deadline);
    }

    /** Throws the exception that an answer tells of. */
    static void check(Tree answer) {
        Tree details = answer.get("exceptionDetails");
        if (details.isNothing()) {
            return;
        }
        Tree exception = details.get("exception");
        String description = exception.get("description").text();
        String thrown = description.isEmpty() ? Console.text(exception) : description;
        String message = thrown.lines().findFirst().orElse(thrown);
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("name", exception.get("className").text());
        more.put("stack", thrown);
        more.put("line", details.get("lineNumber").number() + 1);
        more.put("column", details.get("columnNumber").number() + 1);
        throw new Failure(422, "javascript_exception", message, more);
    }

    private static Frame now(Tab tab, Frame frame) {
        Frame found = tab.frames().byId(frame.id());
        return found == null ? frame : found;
    }

    private static @Nullable Object value(Tab tab, Frame frame, Tree object, Deadline deadline) {
        String id = object.get("objectId").text();
        if (id.isEmpty()) {
            return object.get("value").isNothing()
                            && !object.get("unserializableValue").isNothing()
                    ? object.get("unserializableValue").text()
                    : object.get("value").value();
        }
        try {
            // An element or a function has no value worth the name.
            if (object.get("subtype").text().equals("node")
                    || object.get("type").text().equals("function")) {
                return object.get("description").text();
            }
            Tree answer = tab.devTools()
                    .call(
                            frame.session(),
                            "Runtime.callFunctionOn",
                            Map.of(
                                    "objectId",
                                    id,
                                    "functionDeclaration",
                                    "function() { return this; }",
                                    "returnByValue",
                                    true),
                            deadline);
            return answer.get("exceptionDetails").isNothing()
                    ? answer.get("result", "value").value()
                    : object.get("description").text();
        } catch (Failure.Refused e) {
            return object.get("description").text(); // a ring, for one, is no JSON
        } finally {
            tab.devTools().tell(frame.session(), "Runtime.releaseObject", Map.of("objectId", id));
        }
    }
}
