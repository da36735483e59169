package dev.viber.tool.search;

import com.google.re2j.Pattern;
import dev.viber.tool.search.Glob.Unreadable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one ignore file, or the globs of one call: the last that fits decides.
 *
 * <p>Most lines are a name, a suffix or a path and are looked up; what is left goes through re2j, since a pattern in a
 * file that someone else wrote must not be able to take its time.
 */
final class Rules {
    /** What a line says of a path. */
    enum Verdict {
        NOTHING,
        IGNORE,
        KEEP
    }

    private record Slow(int index, Pattern pattern) {}

    private record End(int index, String text) {}

    private final BitSet keeps = new BitSet();
    private final BitSet folders = new BitSet();
    private final Map<String, List<Integer>> names = new HashMap<>();
    private final Map<String, List<Integer>> extensions = new HashMap<>();
    private final Map<String, List<Integer>> paths = new HashMap<>();
    private final List<End> endings = new ArrayList<>();
    private final List<End> beginnings = new ArrayList<>();
    private final List<Slow> slow = new ArrayList<>();
    private int count;
    private int kept;

    /** Reads an ignore file; lines that cannot be read say nothing. */
    static Rules of(String text) {
        Rules rules = new Rules();
        String start = text.startsWith("\uFEFF") ? text.substring(1) : text;
        start.lines().forEach(line -> {
            try {
                rules.add(line);
            } catch (Unreadable | RuntimeException e) {
                // as ripgrep does: the other lines hold
            }
        });
        return rules;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** How many lines begin with no exclamation mark. */
    int plain() {
        return count - kept;
    }

    /** Takes a line in. */
    void add(String line) throws Unreadable {
        if (line.startsWith("#")) {
            return;
        }
        String glob = line.endsWith("\\ ") ? line : line.stripTrailing();
        if (glob.isEmpty()) {
            return;
        }
        boolean keep = false;
        boolean anchored = false;
        if (glob.startsWith("\\!") || glob.startsWith("\\#")) {
            glob = glob.substring(1);
            anchored = glob.startsWith("/");
        } else {
            if (glob.startsWith("!")) {
                keep = true;
                glob = glob.substring(1);
            }
            if (glob.startsWith("/")) {
                anchored = true;
                glob = glob.substring(1);
            }
        }
        boolean folder = glob.endsWith("/") && !glob.endsWith("\\/");
        if (folder) {
            glob = glob.substring(0, glob.length() - 1);
        }
        boolean anywhere = !anchored && glob.indexOf('/') < 0;
        String whole = anywhere && !glob.equals("**") ? "**/" + glob : glob;
        if (whole.endsWith("/**")) {
            whole = whole + "/*";
        }
        place(anywhere, glob, whole);
        keeps.set(count, keep);
        folders.set(count, folder);
        kept += keep ? 1 : 0;
        count++;
    }

    private void place(boolean anywhere, String glob, String whole) throws Unreadable {
        if (!anywhere && Glob.isPlain(whole)) {
            paths.computeIfAbsent(whole, key -> new ArrayList<>()).add(count);
        } else if (anywhere && Glob.isPlain(glob)) {
            names.computeIfAbsent(glob, key -> new ArrayList<>()).add(count);
        } else if (anywhere && glob.startsWith("*") && Glob.isPlain(glob.substring(1))) {
            String end = glob.substring(1);
            if (end.startsWith(".") && end.indexOf('.', 1) < 0) {
                extensions.computeIfAbsent(end, key -> new ArrayList<>()).add(count);
            } else {
                endings.add(new End(count, end));
            }
        } else if (anywhere && glob.endsWith("*") && Glob.isPlain(glob.substring(0, glob.length() - 1))) {
            beginnings.add(new End(count, glob.substring(0, glob.length() - 1)));
        } else {
            slow.add(new Slow(count, Pattern.compile(Glob.regex(whole), Pattern.DOTALL)));
        }
    }

    /** What the last line that fits says. */
    Verdict verdict(String path, String name, boolean folder) {
        int best = last(names.get(name), folder, -1);
        best = last(paths.get(path), folder, best);
        int dot = name.lastIndexOf('.');
        if (dot >= 0 && !extensions.isEmpty()) {
            best = last(extensions.get(name.substring(dot)), folder, best);
        }
        for (End end : endings) {
            if (end.index > best && fits(end.index, folder) && name.endsWith(end.text)) {
                best = end.index;
            }
        }
        for (End beginning : beginnings) {
            if (beginning.index > best && fits(beginning.index, folder) && name.startsWith(beginning.text)) {
                best = beginning.index;
            }
        }
        for (int i = slow.size() - 1; i >= 0 && slow.get(i).index > best; i--) {
            Slow each = slow.get(i);
            if (fits(each.index, folder) && each.pattern.matches(path)) {
                best = each.index;
            }
        }
        return best < 0 ? Verdict.NOTHING : keeps.get(best) ? Verdict.KEEP : Verdict.IGNORE;
    }

    private boolean fits(int index, boolean folder) {
        return folder || !folders.get(index);
    }

    private int last(@Nullable List<Integer> indexes, boolean folder, int best) {
        for (int i = indexes == null ? -1 : indexes.size() - 1; indexes != null && i >= 0; i--) {
            int index = indexes.get(i);
            if (index <= best) {
                return best;
            }
            if (fits(index, folder)) {
                return index;
            }
        }
        return best;
    }
}
