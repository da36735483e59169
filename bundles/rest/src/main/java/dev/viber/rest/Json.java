package dev.viber.rest;

import dev.viber.api.rest.Shape;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** JSON as this interface reads and writes it: numbers keep every digit, enums are lower-case words. */
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .addModule(new SimpleModule()
                    .addDeserializer(Duration.class, new DurationReader())
                    .addSerializer(Instant.class, new InstantWriter()))
            .build();

    /** What a duration looks like as text, in the description's words. */
    static final String DURATION_SCHEMA = "^([1-9][0-9]{0,8}[smhd]|P(?=.)([0-9]{1,6}D)?"
            + "(T(?=.)([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\\.[0-9]{1,9})?S)?)?)$";

    /** What a duration looks like as text. */
    static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,8})(s|m|h|d)");

    private Json() {}

    /** A text with its quotes. */
    static String text(String value) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(value)) + '"';
    }

    /** The type a shape stands for. */
    static JavaType type(Shape<?> shape) {
        return MAPPER.getTypeFactory()
                .constructParametricType(
                        shape.raw(),
                        shape.arguments().stream().map(MAPPER::constructType).toArray(JavaType[]::new));
    }

    /** To the millisecond, as the store keeps it, so that the first answer about a thing is like every later one. */
    private static final class InstantWriter extends StdSerializer<Instant> {
        InstantWriter() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator out, SerializationContext context) {
            out.writeString(value.truncatedTo(ChronoUnit.MILLIS).toString());
        }
    }

    /** Seconds, {@code 12h}, or ISO 8601. */
    private static final class DurationReader extends StdDeserializer<Duration> {
        DurationReader() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                return Duration.ofSeconds(parser.getLongValue());
            }
            String text = parser.getString();
            Matcher short_ = DURATION.matcher(text);
            try {
                if (!short_.matches()) {
                    return Duration.parse(text);
                }
                return Duration.parse(
                        ("s".equals(short_.group(2)) || "m".equals(short_.group(2)) || "h".equals(short_.group(2))
                                        ? "PT"
                                        : "P")
                                + text.toUpperCase(Locale.ROOT));
            } catch (DateTimeParseException e) {
                return (Duration) context.handleWeirdStringValue(
                        Duration.class, text, "wanted seconds, a text such as 12h or 30d, or ISO 8601");
            }
        }
    }
}
