package dev.viber.live.view;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * One picture of a page.
 *
 * @param seq its number, from 1, over all of a screen's life
 * @param offeredAt when it was there, by {@link System#nanoTime}
 * @param timestamp when Chrome drew it, in seconds since the epoch
 * @param size of the picture, in pixels
 * @param pageWidth of what it shows, in the page's own pixels
 * @param pageHeight of what it shows, in the page's own pixels
 * @param ack the number that Chrome waits for
 * @param jpeg the picture; never moved, only duplicated
 * @param meta what is told before it
 */
record Frame(
        long seq,
        long offeredAt,
        double timestamp,
        Jpeg.Size size,
        double pageWidth,
        double pageHeight,
        int ack,
        ByteBuffer jpeg,
        String meta) {
    /** What is told before a picture. */
    static String meta(
            long seq, double timestamp, Jpeg.Size size, String url, String title, String tab, int bytes, int level) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("type", "frame");
        told.put("seq", seq);
        told.put("timestamp", timestamp);
        told.put("width", size.width());
        told.put("height", size.height());
        told.put("url", url);
        told.put("title", title);
        told.put("tab", tab);
        told.put("bytes", bytes);
        told.put("level", level);
        return JsonMapper.shared().writeValueAsString(told);
    }
}
