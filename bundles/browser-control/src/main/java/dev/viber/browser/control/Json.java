package dev.viber.browser.control;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON as maps, lists, texts, numbers ({@link Long}, {@link Double}), truth values and null, read and written as streams.
 *
 * <p>Binding to classes would bring jackson-databind, which wants java.desktop: 15 MB of a guest's Java for it alone.
 */
final class Json {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // A screenshot is one text.
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(256 << 20)
                    .maxNestingDepth(2_000)
                    .build())
            .build();

    /** Takes the values of some members as bytes, which as texts in base 64 would be several times as large in memory. */
    @FunctionalInterface
    interface Taker {
        /** None. */
        Taker NONE = (_, _) -> null;

        /**
         * Takes a member that is a text.
         *
         * @param bytes writes what the text is in base 64; an {@link IllegalArgumentException} where it is not
         * @return its value; null where it is to be a text, and nothing was written
         */
        @Nullable
        Object take(String member, Consumer<OutputStream> bytes);
    }

    private Json() {}

    /**
     * Reads one value.
     *
     * @throws tools.jackson.core.JacksonException where it is not JSON; the message says where
     */
    static @Nullable Object read(String text) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            return whole(parser, Taker.NONE);
        }
    }

    /** The same of a stream. */
    static @Nullable Object read(InputStream in, Taker taker) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
            return whole(parser, taker);
        }
    }

    /** Of a value as {@link #read} gives it; anything else by its text. */
    static String write(@Nullable Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(generator, value);
        }
        return out.toString();
    }

    /** The same to a stream, which stays open. */
    static void write(OutputStream out, @Nullable Object value) {
        JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out);
        write(generator, value);
        generator.flush();
    }

    private static @Nullable Object whole(JsonParser parser, Taker taker) {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return null;
        }
        Object value = value(parser, first, taker);
        if (parser.nextToken() != null) {
            throw new tools.jackson.core.exc.StreamReadException(parser, "there is more behind the value");
        }
        return value;
    }

    private static @Nullable Object member(JsonParser parser, String name, Taker taker) {
        JsonToken token = parser.nextToken();
        Object taken = token == JsonToken.VALUE_STRING ? taker.take(name, parser::readBinaryValue) : null;
        return taken == null ? value(parser, token, taker) : taken;
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token, Taker taker) {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                    map.put(name, member(parser, name, taker));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    list.add(value(parser, next, taker));
                }
                yield list;
            }
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) parser.getDoubleValue()
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> parser.getString();
        };
    }

    private static void write(JsonGenerator generator, @Nullable Object value) {
        switch (value) {
            case null -> generator.writeNull();
            case Tree tree -> write(generator, tree.value());
            case Map<?, ?> map -> {
                generator.writeStartObject();
                map.forEach((name, member) -> {
                    generator.writeName(String.valueOf(name));
                    write(generator, member);
                });
                generator.writeEndObject();
            }
            case Iterable<?> list -> {
                generator.writeStartArray();
                list.forEach(each -> write(generator, each));
                generator.writeEndArray();
            }
            case Integer number -> generator.writeNumber(number);
            case Long number -> generator.writeNumber(number);
            case Double number when number.isNaN() || number.isInfinite() -> generator.writeString(number.toString());
            case Double number -> generator.writeNumber(number);
            case Boolean truth -> generator.writeBoolean(truth);
            default -> generator.writeString(value.toString());
        }
    }
}
