package dev.viber.tool.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What was found so far; shared by threads. All is counted; kept are the first matches by path and line, so that the
 * same search gives the same matches however its threads were scheduled.
 */
final class Findings {
    private static final int MOST_UNREADABLE = 100;

    private final long limit;
    private final long mostWeight;
    private final boolean context;
    private final String prefix;
    private final TreeMap<String, List<Hit>> kept = new TreeMap<>();
    private final List<String> unreadable = new ArrayList<>();
    private final LongAdder searched = new LongAdder();
    private long keptCount;
    private long keptWeight;
    private long count;
    private long files;
    private volatile @Nullable String last;

    /**
     * Nothing yet.
     *
     * @param prefix what is put before a path below the root to show it
     */
    Findings(long limit, long mostWeight, boolean context, String prefix) {
        this.limit = limit;
        this.mostWeight = mostWeight;
        this.context = context;
        this.prefix = prefix;
    }

    String shown(String below) {
        return below.isEmpty() ? prefix : prefix.isEmpty() ? below : prefix + "/" + below;
    }

    /** Whether matches of this file may still be kept, or only counted. */
    boolean wants(String path) {
        String worst = last;
        return worst == null || path.compareTo(worst) < 0;
    }

    long limit() {
        return limit;
    }

    /** One more file was looked through; true now and then. */
    boolean searched() {
        searched.increment();
        return (searched.sum() & 0x1fff) == 0;
    }

    synchronized void unreadable(String path) {
        if (unreadable.size() < MOST_UNREADABLE) {
            unreadable.add(shown(path));
        }
    }

    /** Takes in what a file has; false where none of its matches is kept. */
    synchronized boolean add(String path, long lines, List<Hit> hits) {
        count += lines;
        files++;
        if (hits.isEmpty()) {
            return false;
        }
        kept.put(path, hits);
        keptCount += hits.size();
        for (Hit hit : hits) {
            keptWeight += hit.weight();
        }
        while (keptCount > 0 && (keptCount > limit || keptWeight > mostWeight)) {
            Map.Entry<String, List<Hit>> end = kept.lastEntry();
            keptWeight -= end.getValue().removeLast().weight();
            keptCount--;
            if (end.getValue().isEmpty()) {
                kept.remove(end.getKey());
            }
            last = end.getKey();
        }
        return kept.containsKey(path);
    }

    /** So far, in few words. */
    synchronized Map<String, Object> progress(List<Map<String, Object>> matches) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("count", count);
        map.put("files", files);
        map.put("searched", searched.sum());
        if (!matches.isEmpty()) {
            map.put("matches", matches);
        }
        return map;
    }

    /** All of it. */
    synchronized Map<String, Object> result() {
        List<Map<String, Object>> matches = new ArrayList<>();
        kept.forEach((path, hits) -> hits.forEach(hit -> matches.add(hit.shown(shown(path), context))));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("count", count);
        map.put("files", files);
        map.put("matches", matches);
        map.put("truncated", count > matches.size());
        if (!unreadable.isEmpty()) {
            map.put("unreadable", List.copyOf(unreadable));
        }
        return map;
    }
}
