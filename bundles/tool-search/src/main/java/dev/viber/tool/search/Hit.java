package dev.viber.tool.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A line that fits.
 *
 * @param line counted from 1
 * @param column where the first match in it begins, in bytes from 1, as ripgrep counts
 * @param from the column {@code text} begins at; more than 1 only where a long line was cut
 * @param after the lines behind it, filled while the search goes on
 */
record Hit(long line, long column, String text, long from, List<String> before, List<String> after) {
    Hit(long line, long column, String text, long from, List<String> before) {
        this(line, column, text, from, before, new ArrayList<>());
    }

    /** How much of a result it takes. */
    long weight() {
        long weight = 64L + text.length();
        for (String each : before) {
            weight += 4L + each.length();
        }
        for (String each : after) {
            weight += 4L + each.length();
        }
        return weight;
    }

    Map<String, Object> shown(String path, boolean context) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("path", path);
        map.put("line", line);
        map.put("column", column);
        map.put("text", text);
        if (from > 1) {
            map.put("from", from);
        }
        if (context) {
            map.put("before", before);
            map.put("after", after);
        }
        return map;
    }
}
