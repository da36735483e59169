package dev.viber.itest.floors;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The modules as built, and the rules they are held to. */
final class House {
    /** Beside the contracts, each may use these: programs stand outside the framework; the link is plain Java for both sides. */
    private static final Map<String, Set<String>> ALSO_USES = Map.of(
            "dev.viber.controller",
            Set.of("dev.viber.link"),
            "dev.viber.library",
            Set.of("dev.viber.link"),
            "dev.viber.cli",
            Set.of("dev.viber.client", "dev.viber.launcher", "dev.viber.network.linux"),
            "dev.viber.tui",
            Set.of("dev.viber.client"));

    /** A bundle may hold what it uses of a library within itself. */
    private static final String OURS = "dev.viber..";

    private House() {}

    /** The folder of compiled classes of each module under {@code bundles/} that has any, by the module's name. */
    static Map<String, Path> modules() throws IOException {
        Map<String, Path> out = new TreeMap<>();
        Path bundles = Path.of(System.getProperty("viber.root"), "bundles");
        try (Stream<Path> modules = Files.list(bundles)) {
            for (Path module : modules.toList()) {
                Path classes = module.resolve("target/classes/dev");
                if (Files.isDirectory(classes)) {
                    out.put(module.getFileName().toString(), classes.getParent());
                }
            }
        }
        return out;
    }

    static JavaClasses classes(Path... folders) {
        return new ClassFileImporter().importPaths(folders);
    }

    /** A bundle imports the contracts and its own package, never another bundle of ours. */
    static ArchRule importsGoDownOnly() {
        return ArchRuleDefinition.classes()
                .should(new ArchCondition<>("use of ours only dev.viber.api and their own package") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        String own = type.getPackageName();
                        Set<String> also = ALSO_USES.getOrDefault(own, Set.of());
                        type.getDirectDependenciesFromSelf().forEach(dependency -> {
                            String used = dependency.getTargetClass().getPackageName();
                            if (isOurs(used) && !used.equals(own) && !isContract(used) && !also.contains(used)) {
                                events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
                            }
                        });
                        if (isContract(own)) {
                            type.getDirectDependenciesFromSelf().stream()
                                    .filter(each -> !isAllowedInContracts(
                                            each.getTargetClass().getPackageName()))
                                    .forEach(each ->
                                            events.add(SimpleConditionEvent.violated(type, each.getDescription())));
                        }
                    }
                });
    }

    /** Names say what a thing is in the field's words. */
    static ArchRule namesSayWhatThingsAre() {
        return ArchRuleDefinition.classes()
                .that()
                .areTopLevelClasses()
                .and()
                .resideInAPackage(OURS)
                .should(new ArchCondition<>("not be named Util, Helper, Manager or Impl") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (type.getSimpleName().matches(".*(Utils?|Helper|Manager|Impl)")) {
                            events.add(
                                    SimpleConditionEvent.violated(type, type.getName() + " is named after no thing"));
                        }
                    }
                });
    }

    /** Fields are not public, but for constants. */
    static ArchRule nothingOpenlyMutable() {
        return ArchRuleDefinition.fields()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAPackage(OURS)
                .should()
                .haveModifier(JavaModifier.FINAL)
                .allowEmptyShould(true);
    }

    /** The packages of a folder of classes. */
    static List<String> packages(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> classes.relativize(file.getParent()).toString().replace('/', '.'))
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    private static boolean isOurs(String name) {
        return name.startsWith("dev.viber.");
    }

    private static boolean isContract(String name) {
        return name.startsWith("dev.viber.api.");
    }

    private static boolean isAllowedInContracts(String name) {
        return isContract(name)
                || name.startsWith("java.")
                // The JDK's own, as java. is: what a program that dials out trusts.
                || name.equals("javax.net.ssl")
                || name.isEmpty()
                || name.startsWith("org.osgi.util.promise")
                || name.startsWith("org.osgi.annotation")
                || name.startsWith("org.jspecify");
    }
}
