package dev.viber.tool.search;

import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The same search by ripgrep, a process of its own, where a call asks for it.
 *
 * <p>ripgrep follows no links but opens by paths: someone who swaps a folder for a link at the right instant can lead it
 * outside. That is why it has to be asked for.
 */
final class Ripgrep {
    private static final int LONGEST_LINE = 1 << 20;

    private final Query query;
    private final Findings findings;
    private final SearchLimits limits;
    private final ToolContext context;

    Ripgrep(Query query, Findings findings, SearchLimits limits, ToolContext context) {
        this.query = query;
        this.findings = findings;
        this.limits = limits;
        this.context = context;
    }

    void run(Root root) throws IOException, ToolException, InterruptedException {
        Folder start = root.folder();
        boolean folder = start != null;
        if (limits.handles()) {
            try (Kernel kernel = new Kernel()) {
                kernel.close(start == null ? root.file() : start.handle); // it has only proved where the root lies
            }
        }
        List<String> command = new ArrayList<>(List.of(
                program().toString(),
                "--no-config",
                "--no-messages",
                "--color=never",
                "--no-heading",
                "--null",
                "--with-filename",
                "--line-number",
                "--column",
                "--threads=" + limits.threads()));
        if (query.ignoreCase()) {
            command.add("--ignore-case");
        }
        if (query.hidden()) {
            command.add("--hidden");
        }
        if (query.context() > 0) {
            command.add("--context=" + query.context());
        }
        query.globs().forEach(glob -> command.add("--glob=" + glob));
        command.addAll(List.of(
                "--regexp=" + query.pattern(), "--", folder ? "./" : root.real().toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(folder ? root.real().toFile() : null);
        builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        Process process = builder.start();
        FutureTask<String> errors =
                new FutureTask<>(() -> new String(process.getErrorStream().readNBytes(4096), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(errors);
        try {
            read(process.getInputStream(), folder);
            int status = process.waitFor();
            String said = errors.get().strip();
            if (status > 1 && !said.isEmpty()) {
                throw new ToolException("rg: " + said);
            }
        } catch (ExecutionException e) {
            throw new IOException("rg: its messages cannot be read", e.getCause());
        } finally {
            process.destroyForcibly();
        }
    }

    private static Path program() throws ToolException {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1)) {
            Path program = Path.of(folder, "rg");
            if (program.isAbsolute() && Files.isExecutable(program)) {
                return program;
            }
        }
        throw new ToolException(
                "engine 'rg': there is no rg on the PATH of this viber; install ripgrep or leave engine at java");
    }

    private void read(InputStream from, boolean folder) throws IOException, InterruptedException {
        InputStream in = new BufferedInputStream(from, 64 << 10);
        String file = "";
        List<Hit> hits = new ArrayList<>();
        long lines = 0;
        ArrayDeque<String> before = new ArrayDeque<>();
        for (String said = until(in, 0); said != null; said = until(in, 0)) {
            if (Thread.interrupted() || context.isCancelled()) {
                throw new InterruptedException("cancelled");
            }
            // Lines of its own: "--" between stretches of context, and remarks about binary files.
            boolean separated = said.indexOf('\n') >= 0;
            String path = said.substring(said.lastIndexOf('\n') + 1);
            if (separated || !path.equals(file)) {
                before.clear();
            }
            if (!path.equals(file)) {
                add(below(file, folder), lines, hits);
                file = path;
                hits = new ArrayList<>();
                lines = 0;
            }
            String rest = until(in, '\n');
            if (rest == null) {
                break; // a remark was the last thing it said
            }
            int at = 0;
            while (Character.isDigit(rest.charAt(at))) {
                at++;
            }
            boolean match = rest.charAt(at) == ':';
            int textAt = match ? rest.indexOf(':', at + 1) + 1 : at + 1;
            String text = cut(rest.substring(textAt));
            if (match) {
                lines++;
            }
            List<String> earlier = List.copyOf(before);
            line(hits, before, text);
            if (match && hits.size() < findings.limit() && findings.wants(below(path, folder))) {
                hits.add(new Hit(
                        Long.parseLong(rest.substring(0, at)),
                        Long.parseLong(rest.substring(at + 1, textAt - 1)),
                        text,
                        1,
                        earlier));
            }
        }
        add(below(file, folder), lines, hits);
    }

    private void add(String path, long lines, List<Hit> hits) {
        if (lines > 0 && findings.add(path, lines, hits)) {
            context.progress(findings.progress(List.of()));
        }
    }

    /** Gives a line to the matches before it that still want one, and keeps it for the next. */
    private void line(List<Hit> hits, ArrayDeque<String> before, String text) {
        if (query.context() == 0) {
            return;
        }
        for (int i = hits.size() - 1; i >= 0 && hits.get(i).after().size() < query.context(); i--) {
            hits.get(i).after().add(text);
        }
        before.addLast(text);
        if (before.size() > query.context()) {
            before.removeFirst();
        }
    }

    private static String below(String path, boolean folder) {
        return !folder ? "" : path.startsWith("./") ? path.substring(2) : path;
    }

    private String cut(String line) {
        String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        return text.length() > limits.longestText() ? text.substring(0, limits.longestText()) : text;
    }

    /** What comes before this byte, cut where it is very long; null at the end. */
    private static @org.jspecify.annotations.Nullable String until(InputStream in, int end) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != end; next = in.read()) {
            if (all.size() < LONGEST_LINE) {
                all.write(next);
            }
        }
        return all.toString(StandardCharsets.UTF_8);
    }
}
