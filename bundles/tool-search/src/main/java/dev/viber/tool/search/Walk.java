package dev.viber.tool.search;

import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.tool.search.Entry.Kind;
import dev.viber.tool.search.Rules.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One search through a tree: folders and batches of files on a shared stack, taken by as many threads as there are
 * cores.
 *
 * <p>Platform threads, not virtual ones: they compute and call the kernel, so virtual ones would hold every carrier that
 * the agent's own virtual threads run on. They stand back behind the rest of the process by the kernel's niceness.
 */
final class Walk {
    private static final int BATCH = 32;
    private static final int MOST_SIGNALS = 256;
    private static final int MOST_IGNORE_BYTES = 1 << 20;
    private static final int MOST_SHOWN = 200;

    /** A folder to go into, or files to look through; they lie in a folder held open for this. */
    private record Work(Folder in, List<Entry> entries, boolean folder) {}

    /** What a worker tells: matches to show, or with null that all is done. */
    private record Signal(@Nullable List<Map<String, Object>> matches) {}

    private final Query query;
    private final Rules globs;
    private final Matcher matcher;
    private final Findings findings;
    private final SearchLimits limits;
    private final ToolContext context;
    private final ArrayDeque<Work> stack = new ArrayDeque<>();
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private int unfinished;
    private int workers;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    Walk(Query query, Rules globs, Matcher matcher, Findings findings, SearchLimits limits, ToolContext context) {
        this.query = query;
        this.globs = globs;
        this.matcher = matcher;
        this.findings = findings;
        this.limits = limits;
        this.context = context;
    }

    /** Searches what is below the folder, which is closed at the end. */
    void run(Supplier<Disk> disks, Folder root) throws InterruptedException, ToolException {
        unfinished = 1;
        stack.push(new Work(root, List.of(), true));
        int cores = limits.threads();
        workers = cores; // counts down from now on
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < cores; i++) {
            threads.add(Thread.ofPlatform()
                    .name("search-" + context.taskId() + "-" + i)
                    .daemon()
                    .start(() -> work(disks)));
        }
        try {
            tell();
        } finally {
            stop();
            for (Thread thread : threads) {
                joinWhole(thread);
            }
        }
        Throwable thrown = failure;
        if (thrown != null) {
            throw new ToolException("search.text: %s".formatted(thrown.getMessage()), false, thrown);
        }
    }

    /** The memory of a worker is freed when it ends, so its end is waited for even by one who was interrupted. */
    private static void joinWhole(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Hands on what the workers tell until they are done: theirs are no threads to wait for a journal. */
    private void tell() throws InterruptedException {
        int shown = 0;
        while (true) {
            List<Signal> told = new ArrayList<>(List.of(signals.take()));
            signals.drainTo(told);
            if (context.isCancelled()) {
                throw new InterruptedException("cancelled");
            }
            List<Map<String, Object>> matches = new ArrayList<>();
            boolean done = false;
            for (Signal signal : told) {
                done |= signal.matches == null;
                for (Map<String, Object> match :
                        signal.matches == null ? List.<Map<String, Object>>of() : signal.matches) {
                    if (shown < MOST_SHOWN && matches.size() < 50) {
                        matches.add(match);
                        shown++;
                    }
                }
            }
            if (done) {
                return;
            }
            context.progress(findings.progress(matches));
        }
    }

    private void stop() {
        synchronized (stack) {
            stopped = true;
            stack.notifyAll();
        }
    }

    private void work(Supplier<Disk> disks) {
        try (Disk disk = disks.get()) {
            disk.standBack(limits.niceness());
            Scan scan = new Scan(matcher.again(), findings, query.context(), limits.longestText(), () -> stopped);
            try {
                for (Work work = next(); work != null; work = next()) {
                    try {
                        if (work.folder) {
                            descend(disk, scan, work);
                        } else {
                            search(disk, scan, work);
                        }
                    } finally {
                        disk.release(work.in);
                        finished();
                    }
                }
            } catch (IOException | RuntimeException | Error e) {
                stop();
                throw e;
            } finally {
                for (Work left = left(); left != null; left = left()) {
                    disk.release(left.in);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            stop();
        } finally {
            boolean last;
            synchronized (stack) {
                last = --workers == 0;
            }
            if (last) {
                signals.add(new Signal(null));
            }
        }
    }

    private @Nullable Work next() {
        synchronized (stack) {
            while (stack.isEmpty() && unfinished > 0 && !stopped) {
                try {
                    stack.wait();
                } catch (InterruptedException e) {
                    stopped = true;
                }
            }
            return stopped ? null : stack.poll();
        }
    }

    /** What nobody will do any more, so that its folder can be closed. */
    private @Nullable Work left() {
        synchronized (stack) {
            return stopped ? stack.poll() : null;
        }
    }

    private void finished() {
        synchronized (stack) {
            if (--unfinished == 0) {
                stack.notifyAll();
            }
        }
    }

    private void push(List<Work> more) {
        if (!more.isEmpty()) {
            synchronized (stack) {
                unfinished += more.size();
                more.forEach(stack::push);
                stack.notifyAll();
            }
        }
    }

    /** Opens a folder, unless it is the root, which is; sorts out what is in it. */
    private void descend(Disk disk, Scan scan, Work work) throws IOException {
        if (work.entries.isEmpty()) {
            visit(disk, scan, work.in);
            return;
        }
        for (Entry entry : work.entries) {
            Folder folder = disk.folder(work.in, entry);
            if (folder == null) {
                findings.unreadable(work.in.path(entry.name()));
                continue;
            }
            try {
                visit(disk, scan, folder);
            } finally {
                disk.release(folder);
            }
        }
    }

    private void visit(Disk disk, Scan scan, Folder folder) throws IOException {
        List<Entry> entries = disk.entries(folder);
        if (entries == null) {
            findings.unreadable(folder.below);
            return;
        }
        Folder ruled = ruled(disk, folder, entries);
        List<Entry> files = new ArrayList<>();
        List<Work> more = new ArrayList<>();
        for (Entry entry : entries) {
            Kind kind = entry.kind() == Kind.UNSAID ? kind(disk, folder, entry) : entry.kind();
            if (kind == Kind.OTHER || isLeftOut(ruled, entry, kind == Kind.FOLDER)) {
                continue;
            }
            if (kind == Kind.FILE) {
                files.add(entry);
            } else {
                more.add(new Work(ruled, List.of(entry), true));
            }
        }
        List<Entry> mine = files.subList(0, Math.min(BATCH, files.size()));
        for (int at = BATCH; at < files.size(); at += BATCH) {
            more.add(new Work(ruled, files.subList(at, Math.min(at + BATCH, files.size())), false));
        }
        folder.hold(more.size());
        push(more);
        search(disk, scan, new Work(ruled, mine, false));
    }

    private static Kind kind(Disk disk, Folder in, Entry entry) throws IOException {
        Folder folder = disk.folder(in, entry);
        if (folder == null) {
            return Kind.FILE; // or it is refused when it is opened
        }
        disk.release(folder);
        return Kind.FOLDER;
    }

    private boolean isLeftOut(Folder in, Entry entry, boolean folder) {
        String path = in.path(entry.name());
        if (!globs.isEmpty()) {
            // The globs of a call are an ignore file turned round: what fits is kept, after an exclamation mark left
            // out.
            Verdict verdict = globs.verdict(path, entry.name(), folder);
            if (verdict != Verdict.NOTHING) {
                return verdict == Verdict.KEEP;
            }
            if (globs.plain() > 0 && !folder) {
                return true;
            }
        }
        Verdict verdict = in.ignores.verdict(path, entry.name(), folder);
        return verdict == Verdict.IGNORE
                || (verdict == Verdict.NOTHING
                        && !query.hidden()
                        && entry.name().startsWith("."));
    }

    /** The folder with the rules of the ignore files in it. */
    private Folder ruled(Disk disk, Folder folder, List<Entry> entries) throws IOException {
        Map<String, Rules> rules = new HashMap<>();
        Rules exclude = null;
        boolean repository = false;
        for (Entry entry : entries) {
            if (!entry.name().startsWith(".")) {
                continue;
            }
            if (Ignores.FILES.contains(entry.name())) {
                rules.put(entry.name(), Rules.of(content(disk, folder, entry)));
            } else if (entry.name().equals(".git")) {
                repository = true;
                exclude = exclude(disk, folder, entry);
            }
        }
        Ignores ignores = folder.ignores.below(folder.below, rules, exclude, repository);
        return ignores == folder.ignores ? folder : folder.with(ignores);
    }

    private static @Nullable Rules exclude(Disk disk, Folder in, Entry git) throws IOException {
        Folder folder = disk.folder(in, git);
        if (folder == null) {
            return null;
        }
        try {
            Folder info = disk.folder(folder, Entry.of("info", Kind.FOLDER));
            if (info == null) {
                return null;
            }
            try {
                return Rules.of(content(disk, info, Entry.of("exclude", Kind.FILE)));
            } finally {
                disk.release(info);
            }
        } finally {
            disk.release(folder);
        }
    }

    private static String content(Disk disk, Folder in, Entry entry) throws IOException {
        if (!disk.open(in, entry)) {
            return "";
        }
        try {
            byte[] all = new byte[8 << 10];
            int size = 0;
            for (int count = disk.read(all, 0, all.length);
                    count > 0;
                    count = disk.read(all, size, all.length - size)) {
                size += count;
                if (size == all.length) {
                    if (size >= MOST_IGNORE_BYTES) {
                        break;
                    }
                    all = Arrays.copyOf(all, size * 2);
                }
            }
            return new String(all, 0, size, StandardCharsets.UTF_8);
        } finally {
            disk.closeFile();
        }
    }

    private void search(Disk disk, Scan scan, Work work) throws IOException {
        for (Entry entry : work.entries) {
            if (stopped) {
                return;
            }
            String path = work.in.path(entry.name());
            if (!disk.open(work.in, entry)) {
                findings.unreadable(path);
                continue;
            }
            List<Hit> found;
            try {
                found = scan.file(disk, path);
            } finally {
                disk.closeFile();
            }
            boolean due = findings.searched();
            if ((due || !found.isEmpty()) && signals.size() < MOST_SIGNALS) {
                signals.add(new Signal(found.stream()
                        .map(hit -> hit.shown(findings.shown(path), query.context() > 0))
                        .toList()));
            }
        }
    }
}
