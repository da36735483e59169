package dev.viber.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.rest.Parameter;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DescriptionTest {
    private static final Path DOCS = Path.of("../../docs/api");
    private static final String BEGIN = "<!-- routes: generated, see DescriptionTest -->\n";
    private static final String END = "<!-- end of routes -->\n";

    @Test
    void theDescriptionInTheDocsIsThatOfTheRoutes() throws IOException {
        hold("openapi.json", Description.openapi());
    }

    @Test
    void theTableInTheDocsIsThatOfTheRoutes() throws IOException {
        String text = Files.readString(DOCS.resolve("rest.md"));
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        hold("rest.md", text.substring(0, begin) + Description.table() + text.substring(text.indexOf(END)));
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryRouteIsWhole() {
        JsonNode document = Json.MAPPER.readTree(Description.openapi());
        for (JsonNode reference : document.findValues("$ref")) {
            assertThat(document.at(reference.asString().substring(1)).isMissingNode())
                    .as("%s", reference)
                    .isFalse();
        }
        Set<String> names = new HashSet<>();
        for (Route<?, ?> route : Routes.ALL) {
            assertThat(names.add(route.name())).as("%s is unique", route.name()).isTrue();
            for (Parameter parameter : route.parameters()) {
                assertThat(route.path().contains("{" + parameter.name() + "}"))
                        .as("%s %s", route.name(), parameter.name())
                        .isEqualTo(parameter.place() == Parameter.Place.PATH);
            }
            assertThat(route.path().chars().filter(c -> c == '{').count())
                    .isEqualTo(route.parameters().stream()
                            .filter(parameter -> parameter.place() == Parameter.Place.PATH)
                            .count());
        }
    }

    private static void hold(String name, String wanted) throws IOException {
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(DOCS.resolve(name), wanted);
        }
        assertThat(Files.readString(DOCS.resolve(name)))
                .as("docs/api/%s is not what the routes say; write it anew: ./mvnw test -Ddocs.update=true", name)
                .isEqualTo(wanted);
    }
}
