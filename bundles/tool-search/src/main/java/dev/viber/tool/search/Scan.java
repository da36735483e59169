package dev.viber.tool.search;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks through one file after the other; used by one thread.
 *
 * <p>Read in windows of 64 KiB that end with a line, as ripgrep reads: a window with a NUL in it ends the file, what was
 * found before stands. A byte order mark is no part of the text, and UTF-16 that has one is read as what it says.
 */
final class Scan {
    private static final int WINDOW = 64 << 10;
    private static final int LONGEST_LINE = 64 << 20;
    private static final int SHOWN_AT_ONCE = 20;

    private final Matcher matcher;
    private final Findings findings;
    private final int context;
    private final int longestText;
    private final BooleanSupplier stopped;
    private final ArrayDeque<String> earlier = new ArrayDeque<>();
    private byte[] text = new byte[WINDOW];
    private byte @Nullable [] decoded;
    private int decodedAt;
    private List<Hit> hits = new ArrayList<>();
    private int waiting;
    private long lines;
    private long linesBefore;

    Scan(Matcher matcher, Findings findings, int context, int longestText, BooleanSupplier stopped) {
        this.matcher = matcher;
        this.findings = findings;
        this.context = context;
        this.longestText = longestText;
        this.stopped = stopped;
    }

    /** Looks through the disk's open file; the first matches of it, empty where none is kept. */
    List<Hit> file(Disk disk, String path) throws IOException {
        hits = new ArrayList<>();
        waiting = 0;
        lines = 0;
        linesBefore = 0;
        decoded = null;
        earlier.clear();
        boolean wanted = findings.wants(path);
        windows(disk, path, wanted);
        // A copy, since what is kept may lose its end to another thread's find.
        List<Hit> first = List.copyOf(hits.subList(0, Math.min(hits.size(), SHOWN_AT_ONCE)));
        return lines > 0 && findings.add(path, lines, hits) ? first : List.of();
    }

    private void windows(Disk disk, String path, boolean wanted) throws IOException {
        int filled = 0;
        int searched = 0;
        boolean first = true;
        while (!stopped.getAsBoolean()) {
            if (searched < filled) {
                System.arraycopy(text, searched, text, 0, filled - searched);
            }
            filled -= searched;
            searched = 0;
            while (searched == 0) {
                if (filled == text.length) {
                    if (filled >= LONGEST_LINE) {
                        findings.unreadable(path);
                        return;
                    }
                    text = Arrays.copyOf(text, text.length * 2);
                }
                // However long the buffer has become over an earlier file, windows stay the same.
                int count =
                        read(disk, filled, filled < WINDOW ? WINDOW - filled : Math.min(WINDOW, text.length - filled));
                if (count <= 0) {
                    if (count < 0) {
                        findings.unreadable(path);
                    }
                    window(filled, wanted);
                    return;
                }
                if (first) {
                    first = false;
                    if (isUtf16(count)) {
                        decode(disk, count, path);
                        count = read(disk, 0, Math.min(WINDOW, text.length));
                    } else if (isUtf8Marked(count)) {
                        System.arraycopy(text, 3, text, 0, count - 3);
                        count -= 3;
                    }
                }
                if (Lines.hasNul(text, filled, filled + count)) {
                    return;
                }
                int behind = Lines.start(text, filled, filled + count);
                searched = behind > filled ? behind : 0;
                filled += Math.max(count, 0);
            }
            window(searched, wanted);
        }
    }

    private int read(Disk disk, int at, int most) throws IOException {
        byte[] from = decoded;
        if (from == null) {
            return disk.read(text, at, most);
        }
        int count = Math.min(most, from.length - decodedAt);
        System.arraycopy(from, decodedAt, text, at, count);
        decodedAt += count;
        return count;
    }

    private boolean isUtf8Marked(int count) {
        return count >= 3 && text[0] == (byte) 0xef && text[1] == (byte) 0xbb && text[2] == (byte) 0xbf;
    }

    private boolean isUtf16(int count) {
        return count >= 2
                && ((text[0] == (byte) 0xff && text[1] == (byte) 0xfe)
                        || (text[0] == (byte) 0xfe && text[1] == (byte) 0xff));
    }

    private void decode(Disk disk, int count, String path) throws IOException {
        Charset charset = text[0] == (byte) 0xff ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(text, 2, count - 2);
        for (int more = disk.read(text, 0, WINDOW); more > 0; more = disk.read(text, 0, WINDOW)) {
            all.write(text, 0, more);
            if (all.size() > LONGEST_LINE || stopped.getAsBoolean()) {
                findings.unreadable(path);
                break;
            }
        }
        decoded = all.toString(charset).getBytes(StandardCharsets.UTF_8);
        decodedAt = 0;
    }

    /** Looks through whole lines. */
    private void window(int to, boolean wanted) {
        int at = 0;
        if (waiting > 0) {
            follow(0, to, hits.size() - waiting);
        }
        int counted = 0;
        while (at < to && matcher.find(text, at, to)) {
            lines++;
            if (wanted && hits.size() < findings.limit()) {
                linesBefore += Lines.count(text, counted, matcher.start());
                counted = matcher.start();
                hits.add(hit(matcher.start(), matcher.end()));
                if (context > 0) {
                    waiting++;
                    follow(Math.min(matcher.end() + 1, to), to, hits.size() - 1);
                }
            }
            at = matcher.end() + 1;
        }
        if (wanted) {
            linesBefore += Lines.count(text, counted, to);
            if (context > 0) {
                List<String> tail = before(to);
                earlier.clear();
                earlier.addAll(tail);
            }
        }
    }

    private Hit hit(int start, int end) {
        int column = matcher.column(text);
        int length = end - start;
        int from = 0;
        if (length > longestText) {
            from = Math.clamp(column - longestText / 4, 0, length - longestText);
            while (from > 0 && (text[start + from] & 0xc0) == 0x80) {
                from--;
            }
        }
        String shown = shown(start + from, end);
        return new Hit(linesBefore + 1, column + 1L, shown, from + 1L, context > 0 ? before(start) : List.of());
    }

    /** The line as text, cut where it is too long, without what ends it. */
    private String shown(int start, int end) {
        int to = end > start && text[end - 1] == '\r' ? end - 1 : end;
        if (to - start > longestText) {
            to = start + longestText;
            while (to > start && (text[to] & 0xc0) == 0x80) {
                to--;
            }
        }
        return new String(text, start, to - start, StandardCharsets.UTF_8);
    }

    /** The lines before this place, out of this window and the one before. */
    private List<String> before(int start) {
        ArrayDeque<String> found = new ArrayDeque<>();
        int end = start;
        while (end > 0 && found.size() < context) {
            int from = Lines.start(text, 0, end - 1);
            int stop = text[end - 1] == '\n' ? end - 1 : end;
            found.addFirst(shown(from, stop));
            end = from;
        }
        List<String> older = List.copyOf(earlier);
        for (int i = older.size() - 1; i >= 0 && found.size() < context; i--) {
            found.addFirst(older.get(i));
        }
        return List.copyOf(found);
    }

    /** Gives matches that still wait for lines behind them what is here. */
    private void follow(int from, int to, int first) {
        int at = from;
        while (at < to && waiting > 0) {
            int end = Lines.end(text, at, to);
            String line = shown(at, end);
            for (int i = first; i < hits.size(); i++) {
                List<String> after = hits.get(i).after();
                if (after.size() < context) {
                    after.add(line);
                    waiting -= after.size() == context ? 1 : 0;
                }
            }
            if (first < hits.size() && hits.get(hits.size() - 1).after().size() == context) {
                return;
            }
            at = end + 1;
        }
    }
}
