package dev.viber.browser.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The dialogs of a tab (alert, confirm, prompt, beforeunload), answered by its policy so that no page waits for somebody who
 * is not there; guarded by the tab.
 */
final class Dialogs {
    private static final int KEPT = 200;

    /** What is done with a dialog. */
    enum Policy {
        ACCEPT,
        DISMISS,
        HOLD
    }

    private final Ring ring = new Ring(KEPT);
    private Policy policy = Policy.DISMISS;
    private String promptText = "";
    private @Nullable Map<String, @Nullable Object> open;
    private String openSession = "";

    Ring ring() {
        return ring;
    }

    void policy(Policy wanted, String text) {
        policy = wanted;
        promptText = text;
    }

    Policy policy() {
        return policy;
    }

    /** The one that waits for an answer; null where none does. */
    @Nullable
    Map<String, @Nullable Object> open() {
        return open;
    }

    /** Whether one stands open that nobody but a caller will answer. */
    boolean isHeld() {
        return open != null && policy == Policy.HOLD;
    }

    String openSession() {
        return openSession;
    }

    /** Takes in a dialog that opened; the answer that the policy gives, or null where it holds it. */
    @Nullable
    Map<String, Object> opened(String session, Tree p) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        String type = p.get("type").text();
        entry.put("type", type);
        entry.put("message", p.get("message").text());
        entry.put("default", p.get("defaultPrompt").text());
        entry.put("url", p.get("url").text());
        open = ring.add(entry);
        openSession = session;
        if (policy == Policy.HOLD) {
            return null;
        }
        // Who sends a page elsewhere means it, whatever the page would ask.
        boolean accept = policy == Policy.ACCEPT || type.equals("beforeunload");
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("accept", accept);
        if (accept && type.equals("prompt")) {
            answer.put("promptText", promptText);
        }
        return answer;
    }

    /** It closed, whoever closed it. */
    void closed(Tree p) {
        if (open != null) {
            ring.change(open, "accepted", p.get("result").truth());
            if (!p.get("userInput").text().isEmpty()) {
                ring.change(open, "text", p.get("userInput").text());
            }
        }
        open = null;
    }
}
