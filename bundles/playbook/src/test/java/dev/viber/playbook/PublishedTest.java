package dev.viber.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page for users and the schema beside it, held against the code. */
final class PublishedTest {
    private static final Path DOCS = Path.of("../../docs");
    private static final Pattern YAML = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

    static List<String> examples() throws IOException {
        List<String> examples = new ArrayList<>();
        Matcher blocks = YAML.matcher(Files.readString(DOCS.resolve("playbooks.md")));
        while (blocks.find()) {
            examples.add(blocks.group(1));
        }
        return examples;
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleOfThePageIsSound(String example) throws IOException {
        Map<String, Object> inputs = new HashMap<>();
        Matcher given = Pattern.compile("# --input (\\w+)=(\\S+)").matcher(example);
        while (given.find()) {
            inputs.put(given.group(1), given.group(2));
        }
        assertThat(Fixtures.playbooks().check(example, inputs)).isEmpty();

        String published = Files.readString(DOCS.resolve("schema/playbook.schema.json"));
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(published, InputFormat.JSON)
                        .validate(example, InputFormat.YAML))
                .isEmpty();
    }

    @Test
    void thePageHasExamplesAndTellsOfEveryKeyAndFunction() throws IOException {
        String page = Files.readString(DOCS.resolve("playbooks.md"));
        assertThat(examples()).hasSizeGreaterThanOrEqualTo(5);
        assertThat(Stream.of(
                        "name",
                        "description",
                        "inputs",
                        "steps",
                        "outputs",
                        "id",
                        "tool",
                        "with",
                        "needs",
                        "if",
                        "forEach",
                        "retry",
                        "timeout",
                        "onError",
                        "wait",
                        "log",
                        "artifact"))
                .allSatisfy(word -> assertThat(page).contains("`" + word + "`"));
        assertThat(Functions.NAMES).allSatisfy(name -> assertThat(page).contains("`" + name + "("));
    }

    @Test
    void theSchemaIsValidByItsOwnMetaSchema() throws IOException {
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(
                                com.networknt.schema.SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                        .validate(Files.readString(DOCS.resolve("schema/playbook.schema.json")), InputFormat.JSON))
                .isEmpty();
    }
}
