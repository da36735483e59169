package dev.viber.itest.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Every fenced block of README.md and of docs/ is what it says it is: commands are typed, playbooks run, JSON is held to what
 * it claims, Java compiled; a block that cannot be run here says so behind its fence, and why.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DocsIT {
    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolve("../..").normalize();
    private static final Path DISTRIBUTION = ROOT.resolve("distribution/target/viber");
    private static final Path EXAMPLES = ROOT.resolve("docs/examples");
    private static final Path README = ROOT.resolve("README.md");
    private static final String VIBER = "box";
    /** What is no example of anything. */
    private static final List<String> PICTURES = List.of("mermaid");

    private static final Pattern INPUT = Pattern.compile("(?m)^# --input (\\S+)$");

    @TempDir
    Path folder;

    /** JUnit would take the links away with a warning for each. */
    @AfterEach
    void unlink() throws IOException {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    private static List<Block> blocks() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(README, ROOT.resolve("CHANGELOG.md")));
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        List<Block> out = new ArrayList<>();
        for (Path document : documents) {
            out.addAll(Block.of(document));
        }
        return out;
    }

    private static List<Block> toRun(String language) throws IOException {
        List<Block> found = blocks().stream()
                .filter(block -> block.language().equals(language) && block.notRun() == null)
                .toList();
        assertThat(found).as("blocks of %s", language).isNotEmpty();
        return found;
    }

    @Test
    void everyBlockIsRunOrSaysWhyItIsNot() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> faults = new ArrayList<>();
        StringBuilder told = new StringBuilder();
        for (Block block : blocks()) {
            String why = block.notRun();
            if (why != null) {
                told.append("%n  not run: %s: %s".formatted(block.place(), why));
                if (why.isBlank()) {
                    faults.add(block.place() + ": not-run: wants a reason");
                }
            } else if (!PICTURES.contains(block.language()) && !isKnown(block)) {
                faults.add("%s: a block of '%s %s' is not run; what cannot be says ```%s not-run: REASON"
                        .formatted(block.place(), block.language(), block.claim(), block.language()));
            }
            counts.merge(block.language() + (why == null ? "" : ", not run"), 1, Integer::sum);
        }
        System.out.println("blocks of the documents: " + counts + told);
        assertThat(faults).isEmpty();
    }

    static boolean isKnown(Block block) {
        return switch (block.language()) {
            case "sh", "yaml", "java", "sse" -> block.claim().isEmpty();
            case "json" -> List.of("", "policy", "frame", "search.text").contains(block.claim());
            default -> false;
        };
    }

    @Test
    void theReadmeGoesAsItIsTold() throws IOException {
        try (ShellSession shell = new ShellSession(folder, DISTRIBUTION, freePort())) {
            shell.enter(work("readme"));
            for (Block block : toRun("sh")) {
                if (block.document().equals(README)) {
                    shell.type(block);
                }
            }
        }
    }

    /** Against one gateway and one viber. */
    @Test
    void theDocumentsGoAsTheyAreTold() throws IOException, InterruptedException {
        int port = freePort();
        try (ShellSession shell = new ShellSession(folder, DISTRIBUTION, port)) {
            Path work = work("work");
            shell.enter(work);
            shell.type("before all", "viber server");
            shell.type("before all", "token=$(viber token create " + VIBER + ")");
            shell.type("before all", "VIBER_TOKEN=$token viber start --id box --server ws://127.0.0.1:7777");
            Path before = README;
            for (Block block : toRun("sh")) {
                if (block.document().equals(README)) {
                    continue;
                }
                if (!block.document().equals(before)) {
                    before = block.document();
                    shell.enter(work(String.valueOf(before.getFileName())));
                }
                shell.type(block);
            }
            playbooks(shell, work);
            for (String state : List.of(".viper", ".viber")) {
                assertThat(Files.getPosixFilePermissions(folder.resolve("home").resolve(state)))
                        .as("what doctor wants of a state folder")
                        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            }
            Path token = folder.resolve("home/.viper/owner.token");
            try (Claims claims = new Claims(
                    "http://127.0.0.1:" + port, Files.readString(token).strip())) {
                json(shell, claims);
            }
        }
    }

    private static void playbooks(ShellSession shell, Path work) throws IOException {
        // What the examples look into.
        for (String file :
                List.of("notes/a.txt", "notes/b/c.txt", "logs/1.log", "logs/2.log", "logs/3.log", "logs/4.log")) {
            Files.createDirectories(work.resolve(file).getParent());
            Files.writeString(work.resolve(file), "TODO\n");
        }
        shell.enter(work);
        for (Block block : toRun("yaml")) {
            Path playbook = work.resolve(block.place().replace(':', '-') + ".yaml");
            Files.writeString(playbook, block.text());
            StringBuilder command = new StringBuilder("viber run --viber box -f " + playbook.getFileName());
            Matcher input = INPUT.matcher(block.text());
            while (input.find()) {
                command.append(" --input ").append(input.group(1));
            }
            shell.type(block.place(), command.toString());
        }
    }

    private void json(ShellSession shell, Claims claims) throws IOException, InterruptedException {
        List<Block> frames = new ArrayList<>();
        List<Block> policies = new ArrayList<>();
        for (Block block : toRun("json")) {
            switch (block.claim()) {
                case "frame" -> frames.add(block);
                case "policy" -> policies.add(block);
                case "search.text" -> claims.members(block, searched(shell));
                default ->
                    assertThat(Claims.JSON.readTree(block.text()))
                            .as(block.place())
                            .isNotNull();
            }
        }
        claims.frames(frames);
        // The last, since the viber goes by it from then on.
        for (Block block : policies) {
            claims.policy(block, VIBER);
        }
    }

    private static JsonNode searched(ShellSession shell) throws IOException {
        String said = shell.type("a search", """
                printf '%s\\n' 'name: s' \
                  'steps: [{id: s, tool: search.text, with: {pattern: TODO}}]' 'outputs: {r: "${{ steps.s.result }}"}' \
                  | viber run --viber box --json -f -""");
        JsonNode last = Claims.JSON.readTree(said.lines().toList().getLast());
        return last.path("result").path("outputs").path("r");
    }

    @Test
    void streamsAreSound() throws IOException {
        for (Block block : toRun("sse")) {
            for (String event : block.text().strip().split("\n\n", -1)) {
                List<String> lines = event.lines().toList();
                assertThat(lines).as(block.place()).hasSize(3);
                JsonNode data = Claims.JSON.readTree(lines.get(2).replaceFirst("^data: ", ""));
                assertThat(lines.get(0)).isEqualTo("id: " + data.path("seq").asLong());
                assertThat(lines.get(1)).isEqualTo("event: " + data.path("kind").asString(""));
            }
        }
    }

    /** A whole class, or a piece of one of the examples, or statements. */
    @Test
    void javaCompiles() throws IOException {
        List<String> examples = new ArrayList<>();
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                examples.add(Files.readString(file));
            }
        }
        for (Block block : toRun("java")) {
            String source = examples.stream()
                    .filter(example -> dense(example).contains(dense(block.text())))
                    .findFirst()
                    .orElse(
                            block.text().contains("class ")
                                    ? block.text()
                                    : "class Statements { static void main(String[] args) throws Exception {\n"
                                            + block.text() + "}}");
            StringWriter said = new StringWriter();
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            boolean compiled = compiler.getTask(
                            said,
                            null,
                            null,
                            List.of("-proc:none", "-d", folder.toString()),
                            null,
                            List.of(new Source(source)))
                    .call();
            assertThat(compiled).as("%s: %s", block.place(), said).isTrue();
        }
    }

    private static String dense(String text) {
        return text.replaceAll("\\s+", "");
    }

    private static final class Source extends SimpleJavaFileObject {
        private static final Pattern NAME = Pattern.compile("\\bclass (\\w+)");
        private final String text;

        Source(String text) {
            super(URI.create("string:///" + name(text) + Kind.SOURCE.extension), Kind.SOURCE);
            this.text = text;
        }

        private static String name(String text) {
            Matcher name = NAME.matcher(text);
            assertThat(name.find()).isTrue();
            return name.group(1);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** A reader's folder: the documents are there by the paths a reader types, and the example is copied as step 1 says. */
    private Path work(String name) throws IOException {
        Path work = Files.createDirectories(folder.resolve(name));
        Files.createSymbolicLink(work.resolve("docs"), ROOT.resolve("docs"));
        Path example = EXAMPLES.resolve("hello-tool");
        try (Stream<Path> files = Files.walk(example)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = work.resolve(example.relativize(file).toString());
                if (!to.startsWith(work.resolve("target"))) {
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
        return work;
    }

    /** Below the range of outgoing connections, one of which could have been given it before the server listens. */
    private static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(16_384, 32_768);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody's: the next.
            }
        }
    }
}
