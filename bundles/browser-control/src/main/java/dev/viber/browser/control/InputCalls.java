package dev.viber.browser.control;

import dev.viber.browser.control.Elements.Point;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Mouse and keys by themselves, and dialogs. */
final class InputCalls {
    private static final List<String> MOUSE = List.of("click", "move", "down", "up", "wheel");
    private static final List<String> POLICIES = List.of("dismiss", "accept", "hold");

    private InputCalls() {}

    static List<Route> routes() {
        return List.of(
                Route.post(
                        "/v1/input/mouse",
                        "action:text x:number! y:number! button:text count:int delta_x:number delta_y:number"
                                + " modifiers:list",
                        InputCalls::mouse),
                Route.post(
                        "/v1/input/drag",
                        "from_x:number! from_y:number! to_x:number! to_y:number! steps:int",
                        InputCalls::drag),
                Route.post("/v1/input/keys", "keys:text text:text", InputCalls::keys),
                Route.get("/v1/dialogs", "after:int limit:int", InputCalls::dialogs),
                Route.post("/v1/dialogs/policy", "action:text! text:text", InputCalls::policy),
                Route.post("/v1/dialogs/answer", "accept:bool! text:text", InputCalls::answer));
    }

    private static Object mouse(Call call) {
        Tab tab = call.actingTab();
        Point at = new Point(call.real("x", 0), call.real("y", 0));
        String button = call.word("button", Pointer.BUTTONS);
        int modifiers = Keyboard.modifiers(call.list("modifiers"));
        switch (call.word("action", MOUSE)) {
            case "move" -> Pointer.move(tab, at, modifiers, call.deadline());
            case "down" -> Pointer.press(tab, at, button, 1, modifiers, call.deadline());
            case "up" -> Pointer.release(tab, at, button, 1, modifiers, call.deadline());
            case "wheel" ->
                Pointer.wheel(tab, at, call.real("delta_x", 0), call.real("delta_y", 0), modifiers, call.deadline());
            default -> Pointer.click(tab, at, button, call.number("count", 1), modifiers, call.deadline());
        }
        return Answer.after(tab);
    }

    private static Object drag(Call call) {
        Tab tab = call.actingTab();
        long steps = call.number("steps", 10);
        if (steps < 1 || steps > 1_000) {
            throw Failure.malformed("'steps' is " + steps + ", wanted 1 to 1000");
        }
        Pointer.drag(
                tab,
                new Point(call.real("from_x", 0), call.real("from_y", 0)),
                new Point(call.real("to_x", 0), call.real("to_y", 0)),
                steps,
                call.deadline());
        return Answer.after(tab);
    }

    private static Object keys(Call call) {
        if (!call.has("keys") && !call.has("text")) {
            throw Failure.malformed("wanted 'keys', such as \"Control+a Delete\", or 'text', or both");
        }
        Tab tab = call.actingTab();
        if (call.has("keys")) {
            Keyboard.press(tab, call.text("keys"), call.deadline());
        }
        Keyboard.type(tab, call.text("text"), call.deadline());
        return Answer.after(tab);
    }

    private static Object dialogs(Call call) {
        Tab tab = call.tab();
        return tab.look(() -> {
            Map<String, @Nullable Object> out = new LinkedHashMap<>(
                    tab.dialogs().ring().after("dialogs", call.number("after", 0), call.number("limit", 100)));
            out.put("policy", tab.dialogs().policy().name().toLowerCase(Locale.ROOT));
            out.put("open", tab.dialogs().open());
            return out;
        });
    }

    private static Object policy(Call call) {
        Tab tab = call.tab();
        Dialogs.Policy policy =
                Dialogs.Policy.valueOf(call.word("action", POLICIES).toUpperCase(Locale.ROOT));
        tab.look(() -> {
            tab.dialogs().policy(policy, call.text("text"));
            return null;
        });
        return Answer.OK;
    }

    private static Object answer(Call call) {
        Tab tab = call.actingTab();
        String session =
                tab.look(() -> tab.dialogs().open() == null ? "" : tab.dialogs().openSession());
        if (session.isEmpty()) {
            throw new Failure(409, "no_dialog", "no dialog is open");
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("accept", call.truth("accept"));
        if (call.has("text")) {
            parameters.put("promptText", call.text("text"));
        }
        tab.devTools().call(session, "Page.handleJavaScriptDialog", parameters, call.deadline());
        return Answer.OK;
    }
}
