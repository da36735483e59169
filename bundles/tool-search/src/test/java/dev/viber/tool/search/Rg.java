package dev.viber.tool.search;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** ripgrep itself, as the reference: {@code --no-config}, and every matching line as path:line:column. */
final class Rg {
    /** What both are asked. */
    record Question(String pattern, boolean ignoreCase, boolean hidden, List<String> globs) {
        static Question of(String pattern) {
            return new Question(pattern, false, false, List.of());
        }

        Question caseless() {
            return new Question(pattern, true, hidden, globs);
        }

        Question withHidden() {
            return new Question(pattern, ignoreCase, true, globs);
        }

        Question in(String... files) {
            return new Question(pattern, ignoreCase, hidden, List.of(files));
        }
    }

    /** Everything an expression can be made of, for text of any kind. */
    static final List<Question> QUESTIONS = List.of(
            Question.of("TODO"),
            Question.of("import"),
            Question.of("e"),
            Question.of("the following"),
            Question.of("return this;"),
            Question.of("größe|naïve|—|…"),
            Question.of("é"),
            Question.of("todo").caseless(),
            Question.of("strasse|ſ").caseless(),
            Question.of("kelvin|risk").caseless(),
            Question.of("(?i)ÀÉ|übung|ПРИВЕТ"),
            Question.of("foo|bar|baz"),
            Question.of("(?:get|set)[A-Z]\\w+\\("),
            Question.of("[0-9]{4}-[0-9]{2}"),
            Question.of("[[:upper:]]{6,}"),
            Question.of("[^\\x00-\\x7F]"),
            Question.of("[^a-z ]{12}"),
            Question.of("^$"),
            Question.of("^"),
            Question.of("^\\s+$"),
            Question.of("^#"),
            Question.of("^\\s*(import|from) .*$"),
            Question.of(";$"),
            Question.of("\\r$"),
            Question.of("\\bin\\b"),
            Question.of("\\bof\\b.*\\bthe\\b"),
            Question.of("\\Bing\\b"),
            Question.of("\\b\\w{18}\\b"),
            Question.of("\\bé|é\\b"),
            Question.of("\\w\\W\\w\\W\\w"),
            Question.of("\\d+\\.\\d+\\.\\d+"),
            Question.of("\\s{20}\\S"),
            Question.of("\\p{Lu}\\p{Ll}+\\p{Lu}"),
            Question.of("\\p{Greek}|\\p{Cyrillic}{3}"),
            Question.of("\\pN{8}"),
            Question.of("(a|b|c)*d{2}"),
            Question.of("x*"),
            Question.of("(?:a.c){2}|z{3,}"),
            Question.of("\\x{2019}|\\x41\\x42"),
            Question.of("\\$\\{[^}]*\\}"),
            Question.of("\"[^\"]{60,}\""),
            Question.of("function").in("*.js", "!*.min.js"),
            Question.of("class").in("!test*/**", "!**/[a-m]*"),
            Question.of("a").in("*.{md,txt}"),
            Question.of("root").withHidden());

    private Rg() {}

    /** What ripgrep finds. */
    static Set<String> find(Path folder, Question question) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "rg",
                "--no-config",
                "--no-messages",
                "--no-heading",
                "--null",
                "--with-filename",
                "--line-number",
                "--column",
                "--color=never"));
        if (question.ignoreCase()) {
            command.add("--ignore-case");
        }
        if (question.hidden()) {
            command.add("--hidden");
        }
        question.globs().forEach(glob -> command.add("--glob=" + glob));
        command.addAll(List.of("--regexp=" + question.pattern(), "./"));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).start();
        TreeSet<String> found = new TreeSet<>();
        // Paths end with NUL and lines with a line break; read as Latin-1, nothing in between is lost.
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        for (int at = 0; at < out.length(); ) {
            int nul = out.indexOf('\0', at);
            if (nul < 0) {
                break;
            }
            // A remark about a binary file is a line of its own, without a NUL.
            at = Math.max(at, out.lastIndexOf('\n', nul) + 1);
            int colon = out.indexOf(':', out.indexOf(':', nul) + 1);
            String path = new String(
                    out.substring(at + 2, nul).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            found.add(path + ":" + out.substring(nul + 1, colon));
            at = out.indexOf('\n', colon) + 1;
        }
        String complaint = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() > 1 && !complaint.isBlank()) {
            throw new IOException("rg: " + complaint);
        }
        return found;
    }

    /** What search.text finds. */
    static Set<String> findOurs(SearchTool tool, Path folder, Question question, String engine) throws Exception {
        Map<String, Object> result = tool.call(
                Map.of(
                        "root",
                        ".",
                        "pattern",
                        question.pattern(),
                        "ignoreCase",
                        question.ignoreCase(),
                        "hidden",
                        question.hidden(),
                        "glob",
                        question.globs(),
                        "limit",
                        (long) Integer.MAX_VALUE,
                        "engine",
                        engine),
                new Caller(folder));
        TreeSet<String> found = new TreeSet<>();
        for (Object each : (List<?>) Objects.requireNonNull(result.get("matches"))) {
            Map<?, ?> match = (Map<?, ?>) each;
            found.add(match.get("path") + ":" + match.get("line") + ":" + match.get("column"));
        }
        long files = found.stream()
                .map(line -> line.replaceAll(":\\d+:\\d+$", ""))
                .distinct()
                .count();
        if (!Objects.equals(result.get("count"), (long) found.size()) || !Objects.equals(result.get("files"), files)) {
            throw new AssertionError("%d matches in %d files, but count %s and files %s"
                    .formatted(found.size(), files, result.get("count"), result.get("files")));
        }
        return found;
    }

    /** A tool that leaves nothing out of its result. */
    static SearchTool tool(boolean handles) {
        return new SearchTool(new SearchLimits(List.of(), Integer.MAX_VALUE, Integer.MAX_VALUE, 64, 0, 0, handles));
    }

    /** Where the two differ, in words; empty where they do not. */
    static String difference(Path folder, Question question, boolean handles, String engine) throws Exception {
        Set<String> theirs = find(folder, question);
        Set<String> ours = findOurs(tool(handles), folder, question, engine);
        TreeSet<String> missing = new TreeSet<>(theirs);
        missing.removeAll(ours);
        TreeSet<String> extra = new TreeSet<>(ours);
        extra.removeAll(theirs);
        return missing.isEmpty() && extra.isEmpty()
                ? ""
                : "%s: %d not found: %s; %d too many: %s%n"
                        .formatted(
                                question,
                                missing.size(),
                                missing.stream().limit(5).toList(),
                                extra.size(),
                                extra.stream().limit(5).toList());
    }
}
