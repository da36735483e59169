package dev.viber.rest;

import dev.viber.api.rest.About;
import dev.viber.api.rest.Members;
import dev.viber.api.rest.Parameter;
import dev.viber.api.rest.Range;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.Shape;
import dev.viber.api.rest.Text;
import dev.viber.api.rest.Words;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Describes the routes as OpenAPI 3.1 and as a table; made at build time, as some annotations are gone at run time. */
final class Description {
    private final Map<String, ObjectNode> schemas = new TreeMap<>();

    static String openapi() {
        return new Description().document().toPrettyString() + "\n";
    }

    static String table() {
        StringBuilder out =
                new StringBuilder("| method and path | what it does | answers | roles |\n| --- | --- | --- | --- |\n");
        for (Route<?, ?> route : Routes.ALL) {
            StringBuilder query = new StringBuilder();
            route.parameters().stream()
                    .filter(p -> p.place() == Parameter.Place.QUERY)
                    .forEach(p -> query.append(query.isEmpty() ? " `?" : "&").append(p.name()));
            out.append("| `%s %s`%s | %s%s%s | %s | %s |\n"
                    .formatted(
                            route.method(),
                            route.path(),
                            query.isEmpty() ? "" : query + "`",
                            route.summary(),
                            route.request().equals(Shape.NONE)
                                    ? ""
                                    : "; takes `"
                                            + (route.request().isBytes()
                                                    ? route.request().mediaType()
                                                    : route.request().raw().getSimpleName())
                                            + "`",
                            route.idempotencyKey() ? "; `Idempotency-Key`" : "",
                            route.statuses().entrySet().stream()
                                    .filter(status -> !java.util.Set.of(400, 401, 403, 413, 415, 422, 503)
                                            .contains(status.getKey()))
                                    .map(status -> status.getKey() + " " + status.getValue())
                                    .reduce((a, b) -> a + " · " + b)
                                    .orElse(""),
                            roles(route)));
        }
        return out.toString();
    }

    private static String roles(Route<?, ?> route) {
        return route.roles().stream()
                .sorted()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    private ObjectNode document() {
        ObjectNode root = object();
        root.put("openapi", "3.1.0");
        root.putObject("info")
                .put("title", "Viber gateway")
                .put("version", "1")
                .put("description", "Tasks, vibers, tokens and what happens to them.");
        root.putArray("servers").addObject().put("url", Routes.BASE);
        root.putArray("security").addObject().putArray("bearer");
        ObjectNode paths = root.putObject("paths");
        for (Route<?, ?> route : Routes.ALL) {
            ObjectNode path = paths.get(route.path()) instanceof ObjectNode had ? had : paths.putObject(route.path());
            operation(path.putObject(route.method().name().toLowerCase(Locale.ROOT)), route);
        }
        ObjectNode components = root.putObject("components");
        problem();
        ObjectNode all = components.putObject("schemas");
        schemas.forEach(all::set);
        components
                .putObject("securitySchemes")
                .putObject("bearer")
                .put("type", "http")
                .put("scheme", "bearer");
        return root;
    }

    private void operation(ObjectNode operation, Route<?, ?> route) {
        operation.put("operationId", route.name());
        operation.putArray("tags").add(route.area());
        operation.put("summary", route.summary());
        operation.put("description", "Roles: " + roles(route) + ".");
        ArrayNode parameters = operation.putArray("parameters");
        for (Parameter parameter : route.parameters()) {
            parameter(parameters.addObject(), parameter);
        }
        if (route.idempotencyKey()) {
            header(
                            parameters,
                            "Idempotency-Key",
                            "A second request with the same key does nothing more: it is answered with what the first one made or changed, as it is then.")
                    .put("type", "string")
                    .put("pattern", "^[!-~]{1,255}$");
        }
        if (route.stream()) {
            header(parameters, "Last-Event-ID", "The id of the last event that was seen; the stream goes on behind it.")
                    .put("type", "integer")
                    .put("minimum", 0);
        }
        if (route.request().raw() != Void.class) {
            boolean bytes = route.request().isBytes();
            ObjectNode schema = bytes ? object() : of(route.request().raw());
            boolean needed = bytes || schema(route.request().raw()).has("required");
            ObjectNode body = operation.putObject("requestBody").put("required", needed);
            body.putObject("content").putObject(route.request().mediaType()).set("schema", schema);
        }
        ObjectNode responses = operation.putObject("responses");
        route.statuses()
                .forEach((status, meaning) -> response(responses.putObject(status.toString()), route, status, meaning));
    }

    private static ObjectNode header(ArrayNode parameters, String name, String about) {
        return parameters
                .addObject()
                .put("name", name)
                .put("in", "header")
                .put("required", false)
                .put("description", about)
                .putObject("schema");
    }

    private static void parameter(ObjectNode out, Parameter parameter) {
        out.put("name", parameter.name());
        out.put("in", parameter.place().name().toLowerCase(Locale.ROOT));
        out.put("required", parameter.required());
        out.put("description", parameter.about());
        ObjectNode schema = out.putObject("schema");
        if (parameter.kind() == Parameter.Kind.NUMBER) {
            schema.put("type", "integer").put("minimum", parameter.min()).put("maximum", parameter.max());
            if (parameter.fallback() != null) {
                schema.put("default", Long.parseLong(parameter.fallback()));
            }
            return;
        }
        schema.put("type", "string");
        if (parameter.pattern() != null) {
            schema.put("pattern", "^(?:" + parameter.pattern() + ")$");
        }
        words(schema, parameter.words());
    }

    private void response(ObjectNode out, Route<?, ?> route, int status, String meaning) {
        out.put("description", meaning);
        if (status >= 400) {
            out.putObject("content")
                    .putObject("application/problem+json")
                    .putObject("schema")
                    .put("$ref", "#/components/schemas/Problem");
        } else if (route.response().raw() != Void.class && status != 204) {
            ObjectNode content = out.putObject("content");
            if (!route.response().equals(Shape.OBJECT) || !route.stream()) {
                content.putObject(route.response().mediaType()).set("schema", response(route.response()));
            }
            if (route.stream()) {
                content.putObject("text/event-stream").putObject("schema").put("type", "string");
            }
        }
    }

    private ObjectNode response(Shape<?> shape) {
        if (shape.isBytes()) {
            return object(); // OpenAPI 3.1: any bytes
        }
        if (shape.equals(Shape.OBJECT)) {
            return object().put("type", "object");
        }
        if (shape.arguments().isEmpty()) {
            return of(shape.raw());
        }
        if (shape.raw() == java.util.List.class) {
            return object().put("type", "array")
                    .set("items", of(shape.arguments().getFirst()));
        }
        ObjectNode page = object().put("type", "object");
        page.putArray("required").add("items").add("next");
        ObjectNode properties = page.putObject("properties");
        properties
                .putObject("items")
                .put("type", "array")
                .set("items", of(shape.arguments().getFirst()));
        properties
                .putObject("next")
                .put("description", "What to ask for as cursor to go on; null at the end.")
                .putArray("type")
                .add("string")
                .add("null");
        return page;
    }

    /** A reference to the schema of a record, or the schema of anything else. */
    private ObjectNode of(Type type) {
        Class<?> raw = type instanceof ParameterizedType generic ? (Class<?>) generic.getRawType() : (Class<?>) type;
        if (raw.isRecord()) {
            record(raw, false);
            return object().put("$ref", "#/components/schemas/" + raw.getSimpleName());
        }
        ObjectNode schema = object();
        if (raw == String.class) {
            return schema.put("type", "string");
        }
        if (raw == boolean.class || raw == Boolean.class) {
            return schema.put("type", "boolean");
        }
        if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
            return schema.put("type", "integer");
        }
        if (raw == double.class || raw == Double.class) {
            return schema.put("type", "number");
        }
        if (raw == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        }
        if (raw == Duration.class) {
            schema.putArray("type").add("integer").add("string");
            return schema.put("minimum", 1).put("maximum", 3_153_600_000L).put("pattern", Json.DURATION_SCHEMA);
        }
        if (raw.isEnum()) {
            schema.put("type", "string");
            words(
                    schema,
                    Arrays.stream(raw.getEnumConstants())
                            .map(word -> word.toString().toLowerCase(Locale.ROOT))
                            .toList());
            return schema;
        }
        if (Collection.class.isAssignableFrom(raw)) {
            schema.put("type", "array").set("items", of(((ParameterizedType) type).getActualTypeArguments()[0]));
            return schema;
        }
        if (Map.class.isAssignableFrom(raw)) {
            schema.put("type", "object");
            if (((ParameterizedType) type).getActualTypeArguments()[1] != Object.class) {
                schema.set("additionalProperties", of(((ParameterizedType) type).getActualTypeArguments()[1]));
            }
            return schema;
        }
        throw new IllegalArgumentException("no schema for " + type);
    }

    private void record(Class<?> type, boolean open) {
        if (schemas.containsKey(type.getSimpleName())) {
            return;
        }
        ObjectNode schema = object().put("type", "object");
        schemas.put(type.getSimpleName(), schema);
        boolean request = Routes.ALL.stream().anyMatch(route -> route.request().raw() == type);
        ArrayNode required = Json.MAPPER.createArrayNode();
        ObjectNode properties = object();
        for (RecordComponent component : type.getRecordComponents()) {
            boolean nullable = isNullable(component);
            ObjectNode property = component(component);
            if (nullable && !component.isAnnotationPresent(Members.class)) {
                property = orNull(property);
            }
            if (!nullable || (!request && type.getPackageName().startsWith("dev.viber.api") && !open)) {
                required.add(component.getName());
            }
            properties.set(component.getName(), property);
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        schema.set("properties", properties);
        if (request) {
            schema.put("additionalProperties", false);
        }
    }

    private ObjectNode component(RecordComponent component) {
        Members members = component.getAnnotation(Members.class);
        ObjectNode schema;
        if (members == null) {
            schema = of(component.getGenericType());
        } else {
            record(members.value(), true);
            schema(members.value()).put("additionalProperties", members.open());
            schema = object().put(
                            "$ref", "#/components/schemas/" + members.value().getSimpleName());
        }
        Text text = component.getAnnotation(Text.class);
        if (text != null) {
            if (text.min() > 0) {
                schema.put("minLength", text.min());
            }
            if (text.max() < Integer.MAX_VALUE) {
                schema.put("maxLength", text.max());
            }
            if (!text.pattern().isEmpty()) {
                schema.put("pattern", "^(?:" + text.pattern() + ")$");
            } else if (text.min() > 0) {
                schema.put("pattern", "\\S");
            }
        }
        Words words = component.getAnnotation(Words.class);
        if (words != null) {
            words(schema, Arrays.asList(words.value()));
        }
        Range range = component.getAnnotation(Range.class);
        if (range != null) {
            schema.put("minimum", range.min()).put("maximum", range.max());
        }
        About about = component.getAnnotation(About.class);
        if (about != null) {
            schema.put("description", about.value());
            if (!about.example().isEmpty()) {
                schema.putArray("examples").add(Json.MAPPER.readTree(about.example()));
            }
        }
        return schema;
    }

    private static ObjectNode orNull(ObjectNode schema) {
        if (schema.has("$ref")) {
            ObjectNode either = object();
            ArrayNode options = either.putArray("oneOf");
            options.addObject().set("$ref", schema.remove("$ref"));
            options.addObject().put("type", "null");
            either.setAll(schema);
            return either;
        }
        if (schema.get("type") instanceof ArrayNode types) {
            types.add("null");
        } else {
            String type = schema.get("type").asString();
            schema.putArray("type").add(type).add("null");
        }
        if (schema.get("enum") instanceof ArrayNode words) {
            words.addNull();
        }
        return schema;
    }

    private static boolean isNullable(RecordComponent component) {
        AnnotatedType type = component.getAnnotatedType();
        return type.isAnnotationPresent(Nullable.class)
                || (type instanceof AnnotatedParameterizedType generic && generic.isAnnotationPresent(Nullable.class));
    }

    private void problem() {
        ObjectNode schema = object().put("type", "object").put("description", "RFC 9457, with further members.");
        ArrayNode required = schema.putArray("required");
        ObjectNode properties = schema.putObject("properties");
        for (String name : new String[] {"type", "title", "status", "detail", "error"}) {
            required.add(name);
            properties.putObject(name).put("type", name.equals("status") ? "integer" : "string");
        }
        schemas.put("Problem", schema);
    }

    private static void words(ObjectNode schema, Collection<String> words) {
        if (!words.isEmpty()) {
            ArrayNode list = schema.putArray("enum");
            words.forEach(list::add);
        }
    }

    private ObjectNode schema(Class<?> type) {
        return Objects.requireNonNull(schemas.get(type.getSimpleName()));
    }

    private static ObjectNode object() {
        return Json.MAPPER.createObjectNode();
    }
}
