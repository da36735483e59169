package dev.viber.playbook;

import java.math.MathContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.commons.jexl3.JexlArithmetic;
import org.jspecify.annotations.Nullable;

/** JEXL's strict arithmetic, where a text cannot grow without end and a pattern cannot search for ever. */
final class BoundedArithmetic extends JexlArithmetic {
    private static final int MAX_PATTERN_STEPS = 5_000_000;

    private final int maxCharacters;

    BoundedArithmetic(int maxCharacters) {
        super(true);
        this.maxCharacters = maxCharacters;
    }

    private BoundedArithmetic(boolean strict, MathContext context, int scale, int maxCharacters) {
        super(strict, context, scale);
        this.maxCharacters = maxCharacters;
    }

    @Override
    protected JexlArithmetic createWithOptions(boolean strict, MathContext context, int scale) {
        return new BoundedArithmetic(strict, context, scale, maxCharacters);
    }

    @Override
    public @Nullable Object add(@Nullable Object left, @Nullable Object right) {
        if (left instanceof CharSequence || right instanceof CharSequence) {
            Bounds.require(length(left) + length(right), maxCharacters);
        }
        return super.add(left, right);
    }

    @Override
    public @Nullable Boolean contains(@Nullable Object container, @Nullable Object value) {
        if (value instanceof CharSequence text && (container instanceof Pattern || container instanceof String)) {
            Pattern pattern = container instanceof Pattern p ? p : pattern((String) container);
            return pattern.matcher(new Counted(text, new AtomicInteger(MAX_PATTERN_STEPS)))
                    .matches();
        }
        return super.contains(container, value);
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new ExpressionException("'%s' is not a pattern: %s".formatted(text, e.getDescription()));
        }
    }

    private static long length(@Nullable Object value) {
        return value instanceof CharSequence text ? text.length() : 0;
    }

    /** A text that counts how often it is looked at: the one way to stop a pattern that backtracks without end. */
    private record Counted(CharSequence text, AtomicInteger left) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (left.decrementAndGet() < 0) {
                throw new ExpressionException("the pattern takes too long on this text");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text.subSequence(start, end), left);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
