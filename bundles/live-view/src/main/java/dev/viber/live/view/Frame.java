package dev.viber.live.view;

import java.nio.ByteBuffer;

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
        String meta) {}
