package dev.viber.itest.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

/** P9: sessions of a browser, from asking for it to having given it back, one at a time and several at once. */
final class Sessions {
    /**
     * One session, in milliseconds.
     *
     * @param create until it is had
     * @param connect until a client is attached to its page
     * @param goTo until a page is open that a server of this machine gives
     * @param release until it is given back
     */
    record One(String of, int together, double create, double connect, double goTo, double release) {
        double whole() {
            return create + connect + goTo + release;
        }
    }

    private static final long LOOK_AGAIN_MS = 20;

    private final String page;
    private final List<One> all = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();

    /** The address of the page that each opens. */
    Sessions(String page) {
        this.page = page;
    }

    List<One> all() {
        return List.copyOf(all);
    }

    /**
     * Rounds of so many sessions at once. Before each round it is waited until as many are kept ready, where some are: what
     * is measured is what a user has of it, not how fast they are made.
     */
    void measure(String of, Browsers from, int together, int rounds) throws IOException, InterruptedException {
        rounds(of, from, together, 1); // pays for code and connections, and does not count
        all.removeIf(one -> one.of().equals(of) && one.together() == together);
        rounds(of, from, together, rounds);
    }

    private void rounds(String of, Browsers from, int together, int rounds) throws IOException, InterruptedException {
        for (int round = 0; round < rounds; round++) {
            while (!from.isWarm(together)) {
                Thread.sleep(LOOK_AGAIN_MS); // outside of what is measured
            }
            all.addAll(run(of, from, together, together));
        }
    }

    /** So many in a row, by so many clients at once, whatever is ready. */
    List<One> run(String of, Browsers from, int clients, int count) throws IOException, InterruptedException {
        ConcurrentLinkedQueue<One> done = new ConcurrentLinkedQueue<>();
        AtomicInteger left = new AtomicInteger(count);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> begun = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                begun.add(each.submit(() -> {
                    while (left.getAndDecrement() > 0) {
                        done.add(one(of, from, clients));
                    }
                    return null;
                }));
            }
            for (Future<?> one : begun) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        return List.copyOf(done);
    }

    private One one(String of, Browsers from, int together) throws IOException, InterruptedException {
        String id = "s" + number.incrementAndGet();
        long begin = System.nanoTime();
        Browsers.Held held = from.acquire(id);
        long had = System.nanoTime();
        long connected;
        long gone;
        try (DevToolsClient client = new DevToolsClient(held.devtools(), held.token())) {
            connected = System.nanoTime();
            client.go(page);
            gone = System.nanoTime();
        }
        from.release(held);
        long end = System.nanoTime();
        return new One(
                of,
                together,
                VmStarts.millis(had - begin),
                VmStarts.millis(connected - had),
                VmStarts.millis(gone - connected),
                VmStarts.millis(end - gone));
    }

    /** Quantiles of each kind and number. */
    static String table(List<One> all) {
        StringBuilder text = new StringBuilder("\nP9, sessions of a browser; ms\n\n")
                .append(
                        "| | at once | n | create p50 | p95 | connect p50 | p95 | goto p50 | p95 | release p50 | p95 | whole p50 | p95 | p99 |\n")
                .append("| --- |")
                .append(" ---: |".repeat(13))
                .append('\n');
        all.stream().map(one -> List.of(one.of(), one.together())).distinct().forEach(kind -> {
            List<One> of = all.stream()
                    .filter(one -> kind.equals(List.of(one.of(), one.together())))
                    .toList();
            text.append("| %s | %s | %d |".formatted(kind.getFirst(), kind.getLast(), of.size()));
            for (ToDoubleFunction<One> part :
                    List.<ToDoubleFunction<One>>of(One::create, One::connect, One::goTo, One::release)) {
                text.append(" %,.0f | %,.0f |".formatted(at(of, 0.5, part), at(of, 0.95, part)));
            }
            text.append(" **%,.0f** | %,.0f | %,.0f |%n"
                    .formatted(at(of, 0.5, One::whole), at(of, 0.95, One::whole), at(of, 0.99, One::whole)));
        });
        return text.toString();
    }

    private static double at(List<One> of, double share, ToDoubleFunction<One> part) {
        return VmStarts.quantile(of, share, part);
    }
}
