package dev.viber.browser.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a tab fetched: one entry for each request, filled in as it goes on. */
final class Traffic {
    private static final int KEPT = 1_000;

    private final Ring ring = new Ring(KEPT);
    /** Requests by their id; the oldest go. */
    private final Map<String, Request> requests = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Request> eldest) {
            return size() > KEPT;
        }
    };

    private record Request(String session, Map<String, @Nullable Object> entry, double begun) {}

    Ring ring() {
        return ring;
    }

    /** The session that knows the body of the request; null where it is not kept. */
    synchronized @Nullable String sessionOf(String request) {
        Request found = requests.get(request);
        return found == null ? null : found.session();
    }

    /** The status that a request was answered with; 0 where it was not, or is not kept. */
    synchronized long status(String request) {
        Request found = requests.get(request);
        return found != null && found.entry().get("status") instanceof Long status ? status : 0;
    }

    synchronized void event(String session, String method, Tree p) {
        String id = p.get("requestId").text();
        Request request = requests.get(id);
        switch (method) {
            case "Network.requestWillBeSent" -> {
                if (request != null && !p.get("redirectResponse").isNothing()) {
                    answered(request, p.get("redirectResponse"));
                    ring.change(
                            request.entry(),
                            "redirected_to",
                            p.get("request", "url").text());
                }
                Map<String, @Nullable Object> entry = new LinkedHashMap<>();
                entry.put("request_id", id);
                entry.put("time", p.get("wallTime").real());
                entry.put("method", p.get("request", "method").text());
                entry.put("url", p.get("request", "url").text());
                entry.put("type", p.get("type").text());
                entry.put("frame", p.get("frameId").text());
                requests.put(
                        id,
                        new Request(session, ring.add(entry), p.get("timestamp").real()));
            }
            case "Network.responseReceived" -> {
                if (request != null) {
                    answered(request, p.get("response"));
                }
            }
            case "Network.loadingFinished" -> {
                if (request != null) {
                    ring.change(
                            request.entry(), "bytes", p.get("encodedDataLength").number());
                    ended(request, p);
                }
            }
            case "Network.loadingFailed" -> {
                if (request != null) {
                    ring.change(request.entry(), "failed", p.get("errorText").text());
                    ended(request, p);
                }
            }
            default -> {}
        }
    }

    private void answered(Request request, Tree response) {
        ring.change(request.entry(), "status", response.get("status").number());
        ring.change(request.entry(), "mime_type", response.get("mimeType").text());
        ring.change(request.entry(), "headers", response.get("headers").value());
    }

    private void ended(Request request, Tree p) {
        ring.change(
                request.entry(), "duration_ms", Math.round((p.get("timestamp").real() - request.begun()) * 1000));
    }
}
