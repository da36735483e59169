package dev.viber.browser.control;

import java.util.List;
import java.util.stream.Collectors;

/** What is done inside a page; it runs in a world of its own, where the page's scripts cannot reach it. */
final class PageScript {
    /** Finds an element and waits, frame by frame of the page's own drawing, until it is as wanted. */
    private static final String AWAIT = """
            (async (selector, state, patience, given) => {
              const words = text => text.replace(/\\s+/g, ' ').trim();
              const byText = wanted => {
                const exact = /^".*"$/.test(wanted);
                const text = words(exact ? wanted.slice(1, -1) : wanted).toLowerCase();
                const fits = found => {
                  const own = words(found || '').toLowerCase();
                  return exact ? own === text : own.includes(text);
                };
                const search = element => {
                  if (/^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|HEAD)$/.test(element.tagName)) return null;
                  for (const child of element.children) {
                    const found = search(child);
                    if (found) return found;
                  }
                  const button = element.tagName === 'INPUT' && /^(submit|button|reset)$/.test(element.type);
                  return fits(button ? element.value : element.textContent) ? element : null;
                };
                return document.documentElement && search(document.documentElement);
              };
              const find = () => {
                if (given) return given.isConnected ? given : null;
                if (selector.startsWith('text=')) return byText(selector.slice(5));
                if (selector.startsWith('xpath=')) {
                  const node = document.evaluate(selector.slice(6), document, null, 9, null).singleNodeValue;
                  return node && node.nodeType !== 1 ? node.parentElement : node;
                }
                return document.querySelector(selector);
              };
              const box = element => {
                const b = element.getBoundingClientRect();
                return [b.x, b.y, b.width, b.height];
              };
              const visible = element => {
                const [, , width, height] = box(element);
                return width > 0 && height > 0 && getComputedStyle(element).visibility === 'visible';
              };
              const drawn = () => new Promise(done => { requestAnimationFrame(done); setTimeout(done, 100); });
              const end = performance.now() + patience;
              let last = null, lastBox = '';
              for (;;) {
                const element = find();
                if (state === 'gone') {
                  if (!element || !visible(element)) return document;
                } else if (element) {
                  if (state === 'ready') return element;
                  if (visible(element)) {
                    if (state === 'visible') return element;
                    if (!last) element.scrollIntoViewIfNeeded();
                    const now = box(element).join();
                    if (element === last && now === lastBox) return element;
                    last = element;
                    lastBox = now;
                  }
                }
                if (performance.now() >= end || given && !given.isConnected) return null;
                await drawn();
              }
            })""";

    private PageScript() {}

    /**
     * An expression whose value is the element, or null where the time is over.
     *
     * @param state {@code ready} (there), {@code visible}, {@code stable} (and not moving) or {@code gone}
     */
    static String await(String selector, String state, long patienceMs) {
        return AWAIT + call(List.of(selector, state, patienceMs));
    }

    /** A function with the same arguments, whose {@code this} is the element; of a text, the one around it. */
    static String awaitThis() {
        return "function(state, patience) { return " + AWAIT
                + "('', state, patience, this.nodeType === 1 ? this : this.parentElement); }";
    }

    /** The arguments of a call, in brackets. */
    static String call(List<Object> arguments) {
        return arguments.stream().map(Json::write).collect(Collectors.joining(", ", "(", ")"));
    }
}
