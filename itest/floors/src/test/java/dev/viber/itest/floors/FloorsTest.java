package dev.viber.itest.floors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each rule of the house, against every module as it was built, and against a sample that breaks it. */
class FloorsTest {
    private static final Pattern SENTENCE =
            Pattern.compile("^/\\*\\*\\s(?:\\*\\s)?\\s*\\S.+?\\.(?:\\s|$)", Pattern.DOTALL);

    @Test
    void importsGoDownOnly() throws IOException {
        House.importsGoDownOnly().check(house());
    }

    @Test
    void namesSayWhatThingsAre() throws IOException {
        House.namesSayWhatThingsAre().check(house());
    }

    @Test
    void publicFieldsAreConstants() throws IOException {
        House.nothingOpenlyMutable().check(house());
    }

    @Test
    void aBundleIsOneFlatPackage() throws IOException {
        List<String> faults = new ArrayList<>();
        for (Map.Entry<String, Path> module : House.modules().entrySet()) {
            String wanted = "dev.viber." + module.getKey().replace('-', '.');
            List<String> packages = House.packages(module.getValue()).stream()
                    .filter(each -> each.startsWith("dev.viber."))
                    .toList();
            if (module.getKey().equals("api")) {
                packages.stream()
                        .filter(each -> !each.matches("dev\\.viber\\.api\\.[a-z]+"))
                        .forEach(each -> faults.add("api: " + each + " is not one package per subject"));
            } else if (!packages.equals(List.of(wanted))) {
                faults.add(module.getKey() + ": wanted the package " + wanted + ", found " + packages);
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void everyPackageSaysItsPurposeFirst() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("viber.root"), "bundles"))) {
            files.filter(file -> file.toString().contains("/src/main/java/")
                            && file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .forEach(sources::add);
        }
        List<String> faults = new ArrayList<>();
        for (Path source : sources) {
            Path info = source.resolve("package-info.java");
            if (!Files.exists(info)) {
                faults.add(source + " has no package-info.java");
            } else if (!saysItsPurpose(Files.readString(info))) {
                faults.add(info + " does not begin with a sentence of purpose");
            }
        }
        assertThat(faults).isEmpty();
        assertThat(sources).hasSizeGreaterThan(20);
    }

    @Test
    void theRulesCanFail() {
        JavaClasses sample = House.classes(Path.of(System.getProperty("viber.samples")));
        assertThatThrownBy(() -> House.importsGoDownOnly().check(sample))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("dev.viber.upstairs.Reacher");
        assertThatThrownBy(() -> House.namesSayWhatThingsAre().check(sample))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ThingHelper");
        assertThatThrownBy(() -> House.nothingOpenlyMutable().check(sample))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("open");
        assertThat(saysItsPurpose("package dev.viber.x;")).isFalse();
        assertThat(saysItsPurpose("/** no end */\npackage dev.viber.x;")).isFalse();
    }

    private static boolean saysItsPurpose(String source) {
        Matcher comment = SENTENCE.matcher(source);
        int end = source.indexOf("*/");
        return comment.find() && end > 0 && comment.end() <= end + 1;
    }

    private static JavaClasses house() throws IOException {
        JavaClasses classes = House.classes(House.modules().values().toArray(Path[]::new));
        assertThat(classes.size()).isGreaterThan(100);
        return classes;
    }
}
