package dev.viber.playbook;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.PathType;
import dev.viber.api.task.PlaybookCheck.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The published JSON Schema of playbooks, ready to validate; costly to make, so it is made at its first use. */
final class PlaybookSchema {
    private static final String RESOURCE = "playbook.schema.json";

    private final JsonMapper json;
    private final Schema schema;

    PlaybookSchema(JsonMapper json) {
        this.json = json;
        SchemaRegistryConfig config = SchemaRegistryConfig.builder()
                .errorMessageKeyword("x-message")
                .formatAssertionsEnabled(true)
                .locale(Locale.ENGLISH)
                .pathType(PathType.JSON_POINTER)
                .build();
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemaRegistryConfig(config));
        schema = registry.getSchema(text(), InputFormat.JSON);
    }

    /** What in this document is against the schema, with its place. */
    List<Finding> validate(YamlReader.Document document) {
        List<Finding> findings = new ArrayList<>();
        for (Error error : schema.validate(json.valueToTree(document.value()))) {
            if (!error.getEvaluationPath().toString().contains("/oneOf/")) {
                findings.add(finding(document.places(), error));
            }
        }
        return findings;
    }

    private static Finding finding(Places places, Error error) {
        String pointer = error.getInstanceLocation().toString();
        @Nullable String property = error.getProperty();
        if (property == null) {
            return places.at(pointer, error.getMessage());
        }
        return switch (error.getKeyword()) {
            case "required" -> places.at(pointer, "'%s' is missing".formatted(property));
            case "additionalProperties" ->
                places.atKey(Places.child(pointer, property), "'%s' is not known here".formatted(property));
            default -> places.atKey(Places.child(pointer, property), error.getMessage());
        };
    }

    private static String text() {
        try (InputStream in = PlaybookSchema.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the bundle lacks its " + RESOURCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
