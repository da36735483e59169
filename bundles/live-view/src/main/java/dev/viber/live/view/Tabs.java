package dev.viber.live.view;

import dev.viber.live.view.Pace.Level;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The tabs of one Chrome, for as long as it is connected to, with the pictures of the active one: the newest, or the one
 * that the agent was told to make so. Used by its screen's thread alone.
 */
final class Tabs {
    private static final Logger LOG = LoggerFactory.getLogger(Tabs.class);
    private static final List<Map<String, String>> PAGES = List.of(Map.of("type", "page"));

    private static final long AGAIN_MS = 1_000;

    /** A tab as DevTools tell of it. */
    private record Page(String id, String url, String title) {}

    private final String vm;
    private final DevTools devTools;
    private final Collection<Viewer> viewers;
    private final Pace pace;
    private final Consumer<Runnable> onThread;
    private final LongSupplier numbers;
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private final Deque<Frame> unanswered = new ArrayDeque<>();
    private boolean begun;
    private String active = "";
    private String session = "";
    private @Nullable Hands hands;
    private @Nullable Frame last;
    private Lull lull = new Lull();

    /**
     * The tabs of this browser.
     *
     * @param onThread runs something on the screen's thread
     * @param numbers of the frames
     */
    Tabs(
            String vm,
            DevTools devTools,
            Collection<Viewer> viewers,
            Pace pace,
            Consumer<Runnable> onThread,
            LongSupplier numbers) {
        this.vm = vm;
        this.devTools = devTools;
        this.viewers = viewers;
        this.pace = pace;
        this.onThread = onThread;
        this.numbers = numbers;
    }

    /** Asks for all there are, and shows the active one. */
    void begin() {
        then(
                devTools.send("", "Target.setDiscoverTargets", Map.of("discover", true, "filter", PAGES)),
                answer -> {
                    begun = true;
                    askAgent();
                },
                why -> LOG.warn("the tabs of {} are not told: {}", vm, why));
    }

    /** Tells a newcomer what the others know. */
    void welcome(Viewer viewer) {
        viewer.tell(list());
        Frame present = last;
        if (present != null) {
            viewer.show(present);
        }
    }

    /** Shows the tab that the agent holds for the active one; where it has no page yet, the newest that has. */
    void askAgent() {
        Thread.ofVirtual().name("live-tabs").start(() -> {
            String found;
            try {
                found = devTools.activeTab();
            } catch (IOException e) {
                LOG.debug("the agent of {} does not tell its tabs", vm, e);
                found = "";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            String told = found;
            onThread.accept(() -> {
                boolean first = active.isEmpty();
                Page page = pages.get(told);
                if (page != null && !(first && page.url().equals("about:blank"))) {
                    show(told);
                } else if (first) {
                    newest(told);
                }
            });
        });
    }

    private void newest(String otherwise) {
        String found = pages.containsKey(otherwise) ? otherwise : "";
        for (Page page : pages.values()) {
            if (found.isEmpty() || !page.url().equals("about:blank")) {
                found = page.id();
            }
        }
        show(found);
    }

    void event(String from, String method, JsonNode p) {
        switch (method) {
            case "Target.targetCreated", "Target.targetInfoChanged" -> changed(p.path("targetInfo"));
            case "Target.targetDestroyed" -> destroyed(p.path("targetId").asString(""));
            case "Target.targetCrashed" -> {
                if (p.path("targetId").asString("").equals(active)) {
                    viewers.forEach(viewer -> viewer.error("tab-crashed", "the page crashed; reload it"));
                }
            }
            case "Page.screencastFrame" -> {
                if (from.equals(session) && !session.isEmpty()) {
                    frame(p);
                }
            }
            case "Page.domContentEventFired", "Page.loadEventFired", "Page.navigatedWithinDocument" -> {
                // Chrome tells of a new address by itself, of a title not always.
                if (from.equals(session)) {
                    then(
                            devTools.send("", "Target.getTargetInfo", Map.of("targetId", active)),
                            answer -> changed(answer.path("targetInfo")),
                            why -> LOG.debug("a tab of {} is gone: {}", vm, why));
                }
            }
            default -> {
                // not for people
            }
        }
    }

    private void changed(JsonNode info) {
        if (!info.path("type").asString("").equals("page")) {
            return;
        }
        Page page = new Page(
                info.path("targetId").asString(""),
                info.path("url").asString(""),
                info.path("title").asString(""));
        Page before = pages.put(page.id(), page);
        if (before == null && begun) {
            show(page.id());
        }
        if (!page.equals(before) && begun) {
            tellAll();
        }
    }

    private void destroyed(String id) {
        if (pages.remove(id) == null) {
            return;
        }
        if (id.equals(active)) {
            active = "";
            session = "";
            hands = null;
            last = null;
            unanswered.clear();
            askAgent();
        }
        tellAll();
    }

    private void tellAll() {
        Map<String, Object> list = list();
        viewers.forEach(viewer -> viewer.tell(list));
    }

    private Map<String, Object> list() {
        return Map.of(
                "type",
                "tabs",
                "active",
                active,
                "tabs",
                pages.values().stream()
                        .map(page -> Map.of("id", page.id(), "url", page.url(), "title", page.title()))
                        .toList());
    }

    private void show(String id) {
        if (id.equals(active) || id.isEmpty()) {
            return;
        }
        if (!session.isEmpty()) {
            devTools.tell(session, "Page.stopScreencast", Map.of());
            devTools.tell("", "Target.detachFromTarget", Map.of("sessionId", session));
        }
        active = id;
        lull = new Lull();
        session = "";
        hands = null;
        last = null;
        unanswered.clear();
        tellAll();
        then(
                devTools.send("", "Target.attachToTarget", Map.of("targetId", id, "flatten", true)),
                answer -> {
                    String made = answer.path("sessionId").asString("");
                    if (!id.equals(active)) {
                        devTools.tell("", "Target.detachFromTarget", Map.of("sessionId", made));
                        return;
                    }
                    session = made;
                    hands = new Hands(devTools, made, onThread);
                    devTools.tell(session, "Page.enable", Map.of());
                    start();
                },
                why -> {
                    if (id.equals(active)) {
                        active = "";
                        LOG.debug("tab {} of {} cannot be shown: {}", id, vm, why);
                    }
                });
    }

    private void start() {
        Level level = pace.level();
        unanswered.clear();
        lull.asked();
        then(
                devTools.send(
                        session,
                        "Page.startScreencast",
                        Map.of(
                                "format",
                                "jpeg",
                                "quality",
                                level.quality(),
                                "maxWidth",
                                level.width(),
                                "maxHeight",
                                level.height(),
                                "everyNthFrame",
                                level.everyNth())),
                answer -> {},
                why -> {
                    LOG.debug("{} shows no pictures: {}", vm, why);
                    String here = session;
                    later(AGAIN_MS, TimeUnit.MILLISECONDS, () -> {
                        if (!here.isEmpty() && here.equals(session)) {
                            start(); // its page was between two
                        }
                    });
                });
    }

    private void later(long delay, TimeUnit unit, Runnable what) {
        CompletableFuture.delayedExecutor(delay, unit, onThread::accept).execute(what);
    }

    private void frame(JsonNode p) {
        byte[] jpeg = Base64.getDecoder().decode(p.path("data").asString(""));
        int ack = p.path("sessionId").asInt(0);
        Jpeg.Size size;
        try {
            size = Jpeg.size(jpeg);
        } catch (IllegalArgumentException e) {
            LOG.warn("a picture of {} cannot be read: {}", vm, e.getMessage());
            devTools.tell(session, "Page.screencastFrameAck", Map.of("sessionId", ack));
            return;
        }
        JsonNode metadata = p.path("metadata");
        double timestamp = metadata.path("timestamp").asDouble(0);
        Page page = pages.getOrDefault(active, new Page(active, "", ""));
        long number = numbers.getAsLong();
        Frame frame = new Frame(
                number,
                System.nanoTime(),
                timestamp,
                size,
                metadata.path("deviceWidth").asDouble(size.width()),
                metadata.path("deviceHeight").asDouble(size.height()),
                ack,
                ByteBuffer.wrap(jpeg),
                Frame.meta(number, timestamp, size, page.url(), page.title(), active, jpeg.length, pace.number()));
        last = frame;
        unanswered.add(frame);
        viewers.forEach(viewer -> viewer.show(frame));
        lull.frame(unanswered.size() > 1 || pace.level().everyNth() > 1, System.nanoTime());
    }

    /** Where Chrome waits for what it sent to be acknowledged, its silence tells nothing of the page. */
    private void askAnewAtRest() {
        long wait = lull.patience();
        if (wait > 0) {
            String here = session;
            long latest = lull.number();
            later(wait, TimeUnit.NANOSECONDS, () -> {
                if (here.equals(session) && unanswered.isEmpty() && lull.isOver(latest)) {
                    again();
                }
            });
        }
    }

    private void again() {
        devTools.tell(session, "Page.stopScreencast", Map.of());
        start();
    }

    /** A viewer, the first or a later one, has this frame. */
    void taken(Frame frame, long at) {
        boolean first = false;
        while (!unanswered.isEmpty() && unanswered.getFirst().seq() <= frame.seq()) {
            Frame answered = unanswered.removeFirst();
            first |= answered.seq() == frame.seq();
            devTools.tell(session, "Page.screencastFrameAck", Map.of("sessionId", answered.ack()));
        }
        if (first && pace.took(at - frame.offeredAt(), at)) {
            LOG.debug("{} is shown at level {}", vm, pace.number());
            again();
        } else if (first && unanswered.isEmpty()) {
            askAnewAtRest();
        }
    }

    /** Does what a viewer who may asks for. */
    void act(Viewer viewer, Wish wish) {
        Hands there = hands;
        Frame shown = last;
        Consumer<String> wrong = why -> viewer.error("chrome", why);
        if (wish instanceof Wish.Tab tab) {
            choose(viewer, tab.id());
        } else if (there == null) {
            viewer.error("away", "no tab is shown yet");
        } else {
            switch (wish) {
                case Wish.Mouse mouse -> {
                    if (shown == null) {
                        viewer.error("away", "no picture is there yet that x and y could mean");
                    } else {
                        there.mouse(mouse, shown, wrong);
                    }
                }
                case Wish.Key key -> there.key(key, wrong);
                case Wish.Text text -> there.text(text.text(), wrong);
                case Wish.Navigate to -> there.navigate(to.url(), wrong);
                case Wish.Move move -> there.go(move.where(), wrong);
                default -> throw new IllegalStateException(wish + " is not done to a tab");
            }
        }
    }

    /** By the agent, so that tasks go on in the same tab. */
    private void choose(Viewer viewer, String id) {
        if (!pages.containsKey(id)) {
            viewer.error("no-such-tab", "there is no tab '%s'; those there are were told as 'tabs'".formatted(id));
            return;
        }
        Thread.ofVirtual().name("live-tabs").start(() -> {
            try {
                devTools.activate(id);
                onThread.accept(() -> show(id));
            } catch (IOException e) {
                viewer.error("agent", String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void then(CompletableFuture<JsonNode> answer, Consumer<JsonNode> what, Consumer<String> otherwise) {
        answer.whenComplete((json, failure) -> onThread.accept(() -> {
            if (failure == null) {
                what.accept(json);
            } else {
                otherwise.accept(String.valueOf(failure.getMessage()));
            }
        }));
    }
}
