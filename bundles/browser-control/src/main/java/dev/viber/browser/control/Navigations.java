package dev.viber.browser.control;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Where the main frame of a tab has been led, counted from 1 on, and how far each document has come; guarded by the tab. */
final class Navigations {
    private static final int DOCUMENTS = 16;

    private final String frame;
    /** The last ones. */
    private final Deque<Document> documents = new ArrayDeque<>();

    private String loader = "";
    private String unreachable = "";
    private long committed;
    private long loaded;
    private long seen;

    /** A document, of which events may tell before it is committed. */
    private static final class Document {
        private final String loader;
        private final Set<String> reached = new HashSet<>();
        /** Which navigation it was; 0 until it is committed. */
        private long number;

        Document(String loader) {
            this.loader = loader;
        }
    }

    Navigations(String frame) {
        this.frame = frame;
    }

    /** What the frame showed when nothing was known of it yet. */
    void begin(String of) {
        loader = loader.isEmpty() ? of : loader;
    }

    void event(String method, Tree p) {
        switch (method) {
            case "Page.frameNavigated" -> navigated(p);
            case "Page.navigatedWithinDocument" -> {
                if (p.get("frameId").text().equals(frame)) {
                    committed++;
                    loaded = has(loader, "load") ? committed : loaded;
                }
            }
            case "Page.lifecycleEvent" -> lifecycle(p);
            default -> {}
        }
    }

    long count() {
        return committed;
    }

    /** Those up to now need no waiting for. */
    long see() {
        seen = committed;
        return seen;
    }

    long seen() {
        return seen;
    }

    /** The loader of the present document. */
    String loader() {
        return loader;
    }

    /** The address that the present document stands for, as it could not be reached; else empty. */
    String unreachable() {
        return unreachable;
    }

    /** Which one brought the document of this loader; 0 where none has. */
    long of(String of) {
        return find(of).map(each -> each.number).orElse(0L);
    }

    /** Whether one behind this one has reached a point; as in {@link Tab#awaitNavigation}. */
    boolean hasReached(long behind, String point) {
        return committed > behind
                && switch (point) {
                    case "commit" -> true;
                    case "load" -> loaded > behind;
                    default -> has(loader, point);
                };
    }

    private void navigated(Tree p) {
        Tree to = p.get("frame");
        if (!to.get("id").text().equals(frame)) {
            return;
        }
        committed++;
        loader = to.get("loaderId").text();
        document(loader).number = committed;
        unreachable = to.get("unreachableUrl").text();
        // A page that comes back from the cache is loaded as it comes; its events are not told again.
        if (p.get("type").text().equals("BackForwardCacheRestore") || has(loader, "load")) {
            loaded = committed;
        }
    }

    private void lifecycle(Tree p) {
        if (!p.get("frameId").text().equals(frame)) {
            return;
        }
        String of = p.get("loaderId").text();
        String name = p.get("name").text();
        document(of).reached.add(name);
        if (name.equals("load") && of.equals(loader)) {
            loaded = committed;
        }
    }

    private boolean has(String of, String name) {
        return find(of).filter(each -> each.reached.contains(name)).isPresent();
    }

    private Document document(String of) {
        return find(of).orElseGet(() -> {
            Document added = new Document(of);
            documents.addLast(added);
            if (documents.size() > DOCUMENTS) {
                documents.removeFirst();
            }
            return added;
        });
    }

    private Optional<Document> find(String of) {
        return documents.stream().filter(each -> each.loader.equals(of)).findFirst();
    }
}
