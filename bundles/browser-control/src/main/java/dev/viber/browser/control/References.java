package dev.viber.browser.control;

import dev.viber.browser.control.Frames.Frame;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of elements, such as {@code e12-k3fa}: Chrome's number of the node, and a mark of the document it is in. Nothing is
 * kept for them, so they hold over a replacement of this bundle; one of another document is known as such by its mark, where
 * the bare number might be some other element's.
 */
final class References {
    /** Before a reference, where a selector is wanted. */
    static final String PREFIX = "ref=";

    private static final Pattern FORM = Pattern.compile("e(\\d{1,18})-([0-9a-z]{4})");
    private static final int MARKS = 36 * 36 * 36 * 36;

    private References() {}

    /** A reference taken apart. */
    record Reference(long node, String mark) {}

    static String of(Frame frame, long node) {
        return "e" + node + "-" + mark(frame);
    }

    /**
     * Reads one.
     *
     * @throws Failure 400 where it is none
     */
    static Reference read(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new Failure(
                    400, "bad_selector", "'" + text + "' is no reference: wanted one as e12-k3fa, from the tree");
        }
        return new Reference(Long.parseLong(matcher.group(1)), matcher.group(2));
    }

    /** The frame that shows the document, or null where it is gone. */
    static @Nullable Frame frame(Reference reference, List<Frame> frames) {
        return frames.stream()
                .filter(each -> mark(each).equals(reference.mark()))
                .findFirst()
                .orElse(null);
    }

    static Failure gone(String text) {
        return new Failure(
                404, "no_such_ref", "the reference '" + text + "' leads to nothing any more; read the page again");
    }

    private static String mark(Frame frame) {
        int hash = (frame.id() + " " + frame.loader()).hashCode();
        String text = Integer.toString(Math.floorMod(hash * 0x9E3779B1, MARKS), 36);
        return "0".repeat(4 - text.length()) + text;
    }
}
