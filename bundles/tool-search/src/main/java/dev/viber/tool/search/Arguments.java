package dev.viber.tool.search;

import dev.viber.api.tool.ToolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call's arguments by name and type; what the schema cannot say is checked here. */
record Arguments(Map<String, Object> values) {
    String text(String name) throws ToolException {
        if (values.get(name) instanceof String text) {
            return text;
        }
        throw wanted(name, "a text");
    }

    String text(String name, String otherwise) throws ToolException {
        return values.get(name) == null ? otherwise : text(name);
    }

    /** A text or a list of texts; none where it is not given. */
    List<String> texts(String name) throws ToolException {
        List<String> texts = new ArrayList<>();
        switch (values.get(name)) {
            case null -> {}
            case String text -> texts.add(text);
            case List<?> list -> {
                for (Object each : list) {
                    if (!(each instanceof String text)) {
                        throw wanted(name, "a text or a list of texts");
                    }
                    texts.add(text);
                }
            }
            default -> throw wanted(name, "a text or a list of texts");
        }
        return texts;
    }

    boolean flag(String name) throws ToolException {
        return switch (values.get(name)) {
            case null -> false;
            case Boolean flag -> flag;
            default -> throw wanted(name, "true or false");
        };
    }

    long whole(String name, long otherwise, long least, long most) throws ToolException {
        Object value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && number.longValue() >= least
                && number.longValue() <= most) {
            return number.longValue();
        }
        String range =
                most == Long.MAX_VALUE ? "of at least %d".formatted(least) : "from %d to %d".formatted(least, most);
        throw wanted(name, "a whole number " + range);
    }

    private ToolException wanted(String name, String what) {
        @Nullable Object got = values.get(name);
        return new ToolException("argument '%s': wanted %s, got %s"
                .formatted(
                        name,
                        what,
                        got == null
                                ? "nothing"
                                : got instanceof Number ? got : got.getClass().getSimpleName()));
    }
}
