package dev.viber.browser.control;

import dev.viber.browser.control.Elements.Element;
import dev.viber.browser.control.Elements.Point;
import dev.viber.browser.control.Frames.Frame;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is done to elements, and the expressions that are run among them. */
final class DomCalls {
    private static final String WHICH = "selector:text! frame:text ";

    /** Typing goes on where the text ends, unless somebody has put the caret elsewhere. */
    private static final String CARET_TO_END = """
            function() {
              if (this.isContentEditable) {
                getSelection().selectAllChildren(this);
                getSelection().collapseToEnd();
              } else if (typeof this.selectionStart === 'number') {
                this.selectionStart = this.selectionEnd = this.value.length;
              }
            }""";

    private DomCalls() {}

    static List<Route> routes() {
        return List.of(
                Route.post("/v1/dom/click", WHICH + "button:text count:int modifiers:list", DomCalls::click),
                Route.post("/v1/dom/hover", WHICH, DomCalls::hover),
                Route.post("/v1/dom/focus", WHICH, DomCalls::focus),
                Route.post("/v1/dom/type", WHICH + "value:text clear:bool", DomCalls::type),
                Route.post("/v1/dom/select", WHICH + "values:list!", DomCalls::select),
                Route.post("/v1/dom/get-text", WHICH + "visible:bool", DomCalls::text),
                Route.post("/v1/dom/get-html", WHICH, DomCalls::html),
                Route.post("/v1/dom/get-attribute", WHICH + "name:text!", DomCalls::attribute),
                Route.post("/v1/dom/wait-selector", WHICH + "visible:bool gone:bool", DomCalls::await),
                Route.post(
                        "/v1/script/evaluate", "expression:text! await_promise:bool frame:text", DomCalls::evaluate));
    }

    private static Object click(Call call) {
        Tab tab = call.actingTab();
        String button = call.word("button", Pointer.BUTTONS);
        Element element = find(call, tab, "stable");
        Point place = call.elements(tab).middle(element);
        int modifiers = Keyboard.modifiers(call.list("modifiers"));
        Pointer.click(tab, place, button, call.number("count", 1), modifiers, call.deadline());
        return Answer.after(tab);
    }

    private static Object hover(Call call) {
        Tab tab = call.actingTab();
        Element element = find(call, tab, "stable");
        Pointer.move(tab, call.elements(tab).middle(element), 0, call.deadline());
        return Answer.OK;
    }

    private static Object focus(Call call) {
        Tab tab = call.actingTab();
        call.elements(tab).focus(find(call, tab, "visible"));
        return Answer.OK;
    }

    private static Object type(Call call) {
        Tab tab = call.actingTab();
        Element element = find(call, tab, "visible");
        Elements elements = call.elements(tab);
        try {
            boolean already = elements.on(element, "function() { return this.matches(':focus'); }")
                    .truth();
            elements.focus(element);
            if (!already) {
                elements.on(element, CARET_TO_END);
            }
        } catch (Failure.Refused e) {
            throw new Failure(409, "not_focusable", "'" + call.text("selector") + "' takes no text: " + e.getMessage());
        }
        if (call.truth("clear")) {
            elements.on(element, """
                    function() {
                      if (this.isContentEditable) this.textContent = ''; else this.value = '';
                      this.dispatchEvent(new InputEvent('input', {bubbles: true, inputType: 'deleteContent'}));
                    }""");
        }
        Keyboard.type(tab, call.text("value"), call.deadline());
        return Answer.after(tab);
    }

    private static Object select(Call call) {
        Tab tab = call.actingTab();
        List<Object> values =
                call.list("values").stream().<Object>map(Tree::text).toList();
        Tree chosen = call.elements(tab).on(find(call, tab, "visible"), """
                        function(values) {
                          if (this.tagName !== 'SELECT') return null;
                          const wanted = option => values.includes(option.value) || values.includes(option.label);
                          const found = [...this.options].filter(wanted);
                          if (found.length === 0) return [];
                          if (this.multiple) for (const option of this.options) option.selected = wanted(option);
                          else found[0].selected = true;
                          this.dispatchEvent(new Event('input', {bubbles: true}));
                          this.dispatchEvent(new Event('change', {bubbles: true}));
                          return [...this.selectedOptions].map(option => option.value);
                        }""", values);
        if (chosen.isNothing()) {
            throw new Failure(409, "no_select", "'" + call.text("selector") + "' is no select element");
        }
        if (chosen.list().isEmpty()) {
            throw new Failure(404, "no_such_option", "none of " + values + " is an option");
        }
        return Map.of("status", "ok", "selected", chosen);
    }

    private static Object text(Call call) {
        Tab tab = call.tab();
        Element element = find(call, tab, call.truth("visible") ? "visible" : "ready");
        return Map.of(
                "text", call.elements(tab).on(element, "function() { return this.innerText ?? this.textContent; }"));
    }

    private static Object html(Call call) {
        Tab tab = call.tab();
        return Map.of("html", call.elements(tab).on(find(call, tab, "ready"), "function() { return this.innerHTML; }"));
    }

    private static Object attribute(Call call) {
        Tab tab = call.tab();
        Tree value = call.elements(tab)
                .on(find(call, tab, "ready"), "function(name) { return this.getAttribute(name); }", call.text("name"));
        return Map.of("value", value.text(), "exists", !value.isNothing());
    }

    private static Object await(Call call) {
        Tab tab = call.tab();
        String state = call.truth("gone") ? "gone" : call.truth("visible") ? "visible" : "ready";
        call.elements(tab).await(call.frame(tab), call.text("selector"), state);
        return Answer.OK;
    }

    private static Object evaluate(Call call) {
        Tab tab = call.actingTab();
        Frame frame = call.frame(tab);
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put(
                "result",
                JavaScript.evaluate(tab, frame, call.text("expression"), call.truth("await_promise"), call.deadline()));
        return out;
    }

    private static Element find(Call call, Tab tab, String state) {
        return call.elements(tab).find(call.frame(tab), call.text("selector"), state);
    }
}
