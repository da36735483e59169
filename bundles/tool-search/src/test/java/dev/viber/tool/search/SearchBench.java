package dev.viber.tool.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Goal P11: a search through 100,000 files against ripgrep in the same run; {@code SearchBench FOLDER [ROUNDS]}.
 *
 * <p>Where the folder does not exist it is made, from the seed {@code -Dseed=1} and {@code -Dfiles=100000}. Both search
 * what the page cache holds, in turns, and ripgrep stands back as far as a search of ours does.
 */
final class SearchBench {
    static final List<String> PATTERNS = List.of(
            "TODO",
            "getElementById",
            "qzxjv",
            "(?i)todo",
            "return|throw|yield",
            "\\bconst [A-Z]\\w+ = ",
            "[a-z]+_[a-z]+\\(",
            "^\\s*import .*;$",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}",
            "\\w+Error\\b",
            "größe|naïve");

    private static final String[] WORDS = """
            return value const let function import export default class extends public static void int String
            list map key name index count result error throw new if else while for in of null true false this
            get set add remove find make user file path line text byte read write open close start stop task
            snake_case_name getElementById ParseError IOError MAX_SIZE 2024-05-17 naïve größe TODO
            """.strip().split("\\s+", -1);

    private SearchBench() {}

    /** Runs it. */
    public static void main(String... arguments) throws Exception {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
        if (!Files.exists(folder)) {
            make(folder, Long.getLong("seed", 1), Integer.getInteger("files", 100_000));
        }
        System.out.printf(
                "%s, %d cores, load %s%n",
                folder.getFileName(),
                cores(),
                Files.readString(Path.of("/proc/loadavg")).strip());
        System.out.printf(
                Locale.ROOT,
                "%-32s %9s %8s %9s %9s %9s %7s%n",
                "pattern",
                "lines",
                "files",
                "rg ms",
                "first ms",
                "java ms",
                "ratio");
        List<Double> ratios = new ArrayList<>();
        for (String pattern : PATTERNS) {
            ratios.add(compare(folder, pattern, rounds));
        }
        ratios.sort(Comparator.naturalOrder());
        System.out.printf(
                Locale.ROOT, "ratio: median %.2f, worst %.2f%n", ratios.get(ratios.size() / 2), ratios.getLast());
    }

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static double compare(Path folder, String pattern, int rounds) throws Exception {
        SearchLimits limits = new SearchLimits(List.of(), 10_000, 1 << 20, 2_000, 0, 5, true);
        SearchTool tool = new SearchTool(limits);
        long[] mine = new long[rounds];
        long[] others = new long[rounds];
        long first = 0;
        Object count = null;
        Object files = null;
        ripgrep(folder, pattern); // brings the files into the page cache
        for (int round = -2; round < rounds; round++) {
            long began = System.nanoTime();
            Map<String, Object> result =
                    tool.call(Map.of("root", ".", "pattern", pattern, "limit", 100L), new Caller(folder));
            long took = System.nanoTime() - began;
            count = result.get("count");
            files = result.get("files");
            first = round == -2 ? took : first;
            began = System.nanoTime();
            long[] counted = ripgrep(folder, pattern);
            long other = System.nanoTime() - began;
            if (!Long.valueOf(counted[0]).equals(count)
                    || !Long.valueOf(counted[1]).equals(files)) {
                System.out.printf(
                        "  DIFFERENT for %s: rg %s, java %s lines in %s files%n",
                        pattern, Arrays.toString(counted), count, files);
            }
            if (round >= 0) {
                mine[round] = took;
                others[round] = other;
            }
        }
        double java = median(mine);
        double rg = median(others);
        System.out.printf(
                Locale.ROOT,
                "%-32s %9s %8s %9.0f %9.0f %9.0f %7.2f%n",
                pattern,
                count,
                files,
                rg,
                first / 1e6,
                java,
                java / rg);
        return java / rg;
    }

    private static double median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e6;
    }

    private static long[] ripgrep(Path folder, String pattern) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "nice", "-n", "5", "rg", "--no-config", "--no-messages", "--count", "--regexp", pattern, "./")
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long lines = 0;
        long files = 0;
        try (Stream<String> out = process.inputReader().lines()) {
            for (String line : (Iterable<String>) out::iterator) {
                files++;
                lines += Long.parseLong(line.substring(line.lastIndexOf(':') + 1));
            }
        }
        process.waitFor();
        return new long[] {lines, files};
    }

    private static void make(Path folder, long seed, int files) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < files; i++) {
            Path in = folder.resolve("d%d/e%d".formatted(i / 5_000, i / 50 % 100));
            if (i % 50 == 0) {
                Files.createDirectories(in);
            }
            StringBuilder text = new StringBuilder();
            int lines = 1 + (int) Math.exp(random.nextGaussian() * 1.1 + 4);
            for (int line = 0; line < Math.min(lines, 4_000); line++) {
                text.append(" ".repeat(random.nextInt(4) * 2));
                for (int word = random.nextInt(9); word >= 0; word--) {
                    int rare = random.nextInt(40) == 0 ? WORDS.length : WORDS.length - 9;
                    text.append(WORDS[random.nextInt(rare)]).append(word == 0 ? random.nextBoolean() ? ";" : "(" : " ");
                }
                text.append('\n');
            }
            Files.writeString(in.resolve("f%d.%s".formatted(i, i % 3 == 0 ? "js" : "java")), text);
        }
    }
}
