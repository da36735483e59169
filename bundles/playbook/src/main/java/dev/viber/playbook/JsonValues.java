package dev.viber.playbook;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What expressions yield, brought to the values of JSON and to text. */
final class JsonValues {
    private static final double PLAIN_BELOW = 1e21;
    private static final double PLAIN_ABOVE = 1e-7;

    private JsonValues() {}

    /**
     * A copy made of String, Long, Double, Boolean, List, Map and null.
     *
     * @throws ExpressionException where the value is none of these, or too large
     */
    static @Nullable Object of(@Nullable Object value, Bounds bounds) {
        if (value instanceof String text) {
            return bounds.text(text);
        }
        bounds.value();
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Number number -> number(number);
            case Character c -> String.valueOf(c.charValue());
            case Map<?, ?> map -> map(map, bounds);
            case Iterable<?> items -> list(items, bounds);
            case Object array when array.getClass().isArray() -> array(array, bounds);
            default ->
                throw new ExpressionException("the result is of a kind that JSON does not know: "
                        + value.getClass().getSimpleName());
        };
    }

    /** As text: null is empty, whole numbers have no fraction, lists and maps are JSON. */
    static String text(@Nullable Object value, JsonMapper json, int maxCharacters) {
        return switch (value) {
            case null -> "";
            case String text -> text;
            case Double number -> decimal(number);
            case Boolean b -> b.toString();
            case Number number -> number.toString();
            default -> json(value, json, maxCharacters);
        };
    }

    static String json(@Nullable Object value, JsonMapper json, int maxCharacters) {
        Bounds.Text out = new Bounds.Text(maxCharacters);
        json.writeValue(out, value);
        return out.toString();
    }

    private static Object number(Number number) {
        return switch (number) {
            case Long l -> l;
            case Integer i -> i.longValue();
            case Short s -> s.longValue();
            case Byte b -> b.longValue();
            case BigInteger big when big.bitLength() < Long.SIZE -> big.longValue();
            case BigInteger _ -> throw new ExpressionException("the resulting number is out of range");
            default -> {
                double d = number instanceof BigDecimal big ? big.doubleValue() : number.doubleValue();
                if (!Double.isFinite(d)) {
                    throw new ExpressionException("the resulting number is out of range");
                }
                yield d;
            }
        };
    }

    private static String decimal(double number) {
        double size = Math.abs(number);
        if (number == 0) {
            return "0";
        }
        if (size >= PLAIN_BELOW || size < PLAIN_ABOVE) {
            return Double.toString(number);
        }
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> map, Bounds bounds) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(bounds.text(String.valueOf(key)), of(value, bounds)));
        return copy;
    }

    private static List<@Nullable Object> list(Iterable<?> items, Bounds bounds) {
        List<@Nullable Object> copy = new ArrayList<>();
        for (Object item : items) {
            copy.add(of(item, bounds));
        }
        return copy;
    }

    private static List<@Nullable Object> array(Object array, Bounds bounds) {
        List<@Nullable Object> copy = new ArrayList<>();
        for (int i = 0; i < Array.getLength(array); i++) {
            copy.add(of(Array.get(array, i), bounds));
        }
        return copy;
    }
}
