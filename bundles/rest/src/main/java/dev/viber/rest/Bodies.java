package dev.viber.rest;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads request bodies: bounded, of the right kind, well-formed, valid by the schema of the interface's description. */
final class Bodies {
    private static final int MOST_FINDINGS = 20;
    private static final int MOST_SHOWN = 60;

    private final JsonNode description;
    private final int maxBytes;
    private final Map<Class<?>, Schema> schemas = new ConcurrentHashMap<>();

    /** Bodies of at most this many bytes, valid by the schemas of this description. */
    Bodies(JsonNode description, int maxBytes) {
        this.description = description;
        this.maxBytes = maxBytes;
    }

    /** The body as the shape, which is not {@link Shape#NONE}. */
    <I> I read(Request request, Shape<I> shape) throws IOException {
        checkContentType(request, shape.mediaType());
        if (shape.raw() == InputStream.class) {
            // Handed on as it comes: whoever takes it bounds it.
            @SuppressWarnings("unchecked") // the shape says so
            I stream = (I) Content.Source.asInputStream(request);
            return stream;
        }
        byte[] bytes = bytes(request);
        JsonNode tree = parse(bytes);
        List<Map<String, String>> findings = check(shape.raw(), tree);
        if (!findings.isEmpty()) {
            throw invalid(findings);
        }
        try {
            return Json.MAPPER.treeToValue(tree, Json.type(shape));
        } catch (DatabindException e) {
            throw invalid(List.of(finding(pointer(e), String.valueOf(e.getOriginalMessage()))));
        }
    }

    private static void checkContentType(Request request, String wanted) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null) {
            return;
        }
        String base = MimeTypes.getContentTypeWithoutCharset(type);
        int parameters = base.indexOf(';');
        String word =
                (parameters < 0 ? base : base.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
        String charset = MimeTypes.getCharsetFromContentType(type);
        boolean json = word.startsWith("application/") && word.endsWith("+json") && wanted.endsWith("/json");
        if (!word.equals(wanted) && !json) {
            throw new ProblemException(
                    Kind.UNSUPPORTED_MEDIA_TYPE, "The body is '%s'; wanted %s".formatted(type, wanted));
        }
        if (charset != null && !charset.equalsIgnoreCase("utf-8")) {
            throw new ProblemException(
                    Kind.UNSUPPORTED_MEDIA_TYPE, "The body's charset is '%s'; wanted utf-8".formatted(charset));
        }
    }

    private byte[] bytes(Request request) throws IOException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] bytes = request.getLength() > maxBytes ? new byte[0] : in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes || request.getLength() > maxBytes) {
                // What is still on its way is read as far as is reasonable, else the sender never sees the answer.
                long left = 4L * maxBytes;
                byte[] scrap = new byte[16 * 1024];
                for (int n = in.read(scrap); n >= 0 && left > 0; n = in.read(scrap)) {
                    left -= n;
                }
                throw new ProblemException(
                        Kind.TOO_LARGE,
                        "The body is larger than the %d bytes allowed".formatted(maxBytes),
                        Map.of("limit", maxBytes));
            }
            return bytes;
        }
    }

    private static JsonNode parse(byte[] bytes) {
        if (bytes.length == 0) {
            return Json.MAPPER.createObjectNode();
        }
        try {
            JsonNode tree = Json.MAPPER.readTree(bytes);
            return tree.isMissingNode() ? Json.MAPPER.createObjectNode() : tree;
        } catch (JacksonException e) {
            throw malformed(e);
        }
    }

    private static ProblemException malformed(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        String what = String.valueOf(e.getOriginalMessage());
        // What follows tells of the parser's inside.
        int marker = what.indexOf(" (start marker");
        what = marker < 0 ? what : what.substring(0, marker);
        if (location == null || location.getLineNr() < 1) {
            return new ProblemException(Kind.MALFORMED, "The body is not JSON: " + what);
        }
        return new ProblemException(
                Kind.MALFORMED,
                "The body is not JSON at line %d, column %d: %s"
                        .formatted(location.getLineNr(), location.getColumnNr(), what),
                Map.of("line", location.getLineNr(), "column", location.getColumnNr()));
    }

    private List<Map<String, String>> check(Class<?> type, JsonNode tree) {
        Schema schema = schemas.computeIfAbsent(type, this::schema);
        List<Map<String, String>> findings = new ArrayList<>();
        List<Error> errors;
        try {
            errors = schema.validate(
                    tree, context -> context.executionConfig(checks -> checks.formatAssertionsEnabled(true)));
        } catch (JacksonException e) {
            // The validator compares whole numbers as 64 bits and gives up on what is larger.
            return List.of(finding("", "has a number that is too large: " + e.getOriginalMessage()));
        }
        for (Error error : errors) {
            String pointer = error.getInstanceLocation().toString();
            String property = error.getProperty();
            if (property != null) {
                pointer = pointer + "/" + property.replace("~", "~0").replace("/", "~1");
            }
            findings.add(finding(pointer, message(error)));
        }
        return findings;
    }

    private static String message(Error error) {
        return switch (String.valueOf(error.getKeyword())) {
            case "required" -> "is not there; it is needed";
            case "additionalProperties" -> "is not known here";
            case "pattern" ->
                "is %s; wanted %s"
                        .formatted(
                                shown(error),
                                Wanted.inWords(error.getSchemaNode().asString()));
            case "enum" ->
                "is %s; wanted one of %s"
                        .formatted(
                                shown(error),
                                error.getSchemaNode()
                                        .valueStream()
                                        .filter(JsonNode::isString)
                                        .map(JsonNode::stringValue)
                                        .collect(Collectors.joining(", ")));
            default -> error.getMessage();
        };
    }

    private static String shown(Error error) {
        String value = error.getInstanceNode().isString()
                ? "'" + error.getInstanceNode().stringValue() + "'"
                : error.getInstanceNode().toString();
        return value.length() > MOST_SHOWN ? value.substring(0, MOST_SHOWN) + "..." : value;
    }

    private Schema schema(Class<?> type) {
        // JSON Schema's own place for them: a validator does not know OpenAPI's, and says so.
        String definitions = description.path("components").path("schemas").toString();
        ObjectNode root = Json.MAPPER.createObjectNode();
        root.put("$ref", "#/$defs/" + type.getSimpleName());
        root.set("$defs", Json.MAPPER.readTree(definitions.replace("#/components/schemas/", "#/$defs/")));
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(root);
    }

    private static String pointer(DatabindException e) {
        StringBuilder pointer = new StringBuilder();
        e.getPath()
                .forEach(part -> pointer.append('/')
                        .append(
                                part.getPropertyName() == null
                                        ? String.valueOf(part.getIndex())
                                        : part.getPropertyName()));
        return pointer.toString();
    }

    private static Map<String, String> finding(String pointer, @Nullable String message) {
        Map<String, String> finding = new LinkedHashMap<>();
        finding.put("pointer", pointer);
        finding.put("message", String.valueOf(message));
        return finding;
    }

    private static ProblemException invalid(List<Map<String, String>> findings) {
        Map<String, String> first = findings.getFirst();
        String pointer = String.valueOf(first.get("pointer"));
        Map<String, Object> extensions = new LinkedHashMap<>();
        extensions.put("pointer", pointer);
        extensions.put("findings", findings.subList(0, Math.min(findings.size(), MOST_FINDINGS)));
        String more = findings.size() > 1 ? " (and %d more)".formatted(findings.size() - 1) : "";
        return new ProblemException(
                Kind.INVALID,
                "%s %s%s".formatted(pointer.isEmpty() ? "The body" : pointer, first.get("message"), more),
                extensions);
    }
}
