package dev.viber.browser.control;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The last entries of a record, numbered from 1 by their member {@code seq}; safe for use by several threads. */
final class Ring {
    private final int capacity;
    private final Deque<Map<String, @Nullable Object>> entries = new ArrayDeque<>();
    private long last;

    Ring(int capacity) {
        this.capacity = capacity;
    }

    /** Keeps it and gives it back, to be changed by {@link #change} alone. */
    synchronized Map<String, @Nullable Object> add(Map<String, @Nullable Object> entry) {
        last++;
        Map<String, @Nullable Object> numbered = new LinkedHashMap<>();
        numbered.put("seq", last);
        numbered.putAll(entry);
        entries.addLast(numbered);
        if (entries.size() > capacity) {
            entries.removeFirst();
        }
        return numbered;
    }

    synchronized void change(Map<String, @Nullable Object> entry, String name, @Nullable Object value) {
        entry.put(name, value);
    }

    /** Those behind this number, as an answer: {@code name}, {@code last} and how many were {@code lost} in between. */
    synchronized Map<String, @Nullable Object> after(String name, long seq, long limit) {
        List<Map<String, @Nullable Object>> found = new ArrayList<>();
        for (Map<String, @Nullable Object> each : entries) {
            if (seqOf(each) > seq && found.size() < limit) {
                found.add(new LinkedHashMap<>(each));
            }
        }
        long first = entries.isEmpty() ? last + 1 : seqOf(entries.getFirst());
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put(name, found);
        out.put("last", found.isEmpty() ? Math.max(seq, 0) : seqOf(found.getLast()));
        out.put("lost", Math.max(0, first - 1 - Math.max(seq, 0)));
        return out;
    }

    private static long seqOf(Map<String, @Nullable Object> entry) {
        return entry.get("seq") instanceof Long seq ? seq : 0;
    }
}
