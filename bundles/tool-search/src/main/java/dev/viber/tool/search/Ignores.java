package dev.viber.tool.search;

import dev.viber.tool.search.Rules.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is not searched in a folder: its own ignore files over those of the folders above it, in ripgrep's order.
 *
 * <p>{@code .rgignore} before {@code .ignore} before {@code .gitignore} before {@code .git/info/exclude} before the
 * user's own list; of each kind, the nearest folder's. Git's lists count only within a repository, and not beyond it.
 */
final class Ignores {
    /** Names of ignore files, the strongest first. */
    static final List<String> FILES = List.of(".rgignore", ".ignore", ".gitignore");

    private static final Rules NONE = new Rules();

    private final @Nullable Ignores above;
    private final String base;
    private final boolean beyond;
    private final List<Rules> kinds;
    private final boolean repository;
    private final boolean inRepository;
    private final Rules own;
    private final boolean silent;

    private Ignores(
            @Nullable Ignores above, String base, boolean beyond, List<Rules> kinds, boolean repository, Rules own) {
        this.above = above;
        this.base = base;
        this.beyond = beyond;
        this.kinds = kinds;
        this.repository = repository;
        this.inRepository = repository || (above != null && above.inRepository);
        this.own = own;
        this.silent = kinds.stream().allMatch(Rules::isEmpty) && (above == null || above.silent) && own.isEmpty();
    }

    /** What the folders above the root say of it; they are read, but never searched. */
    static Ignores above(Path root) {
        Ignores all = new Ignores(null, "", true, List.of(NONE, NONE, NONE, NONE), false, ofUser());
        List<Path> folders = new ArrayList<>();
        for (Path each = root.getParent(); each != null; each = each.getParent()) {
            folders.addFirst(each);
        }
        for (Path folder : folders) {
            List<Rules> kinds = new ArrayList<>();
            for (String name : FILES) {
                kinds.add(read(folder.resolve(name)));
            }
            boolean repository = Files.exists(folder.resolve(".git"));
            kinds.add(repository ? read(folder.resolve(".git/info/exclude")) : NONE);
            String base = folder.relativize(root)
                    .toString()
                    .replace(folder.getFileSystem().getSeparator(), "/");
            all = new Ignores(all, base, true, kinds, repository, all.own);
        }
        return all;
    }

    /** What a folder of the search says, over what those above it say. */
    Ignores below(String base, Map<String, Rules> rules, @Nullable Rules exclude, boolean isRepository) {
        if (rules.isEmpty() && !isRepository) {
            return this;
        }
        List<Rules> kinds = new ArrayList<>();
        for (String name : FILES) {
            kinds.add(rules.getOrDefault(name, NONE));
        }
        kinds.add(exclude == null ? NONE : exclude);
        return new Ignores(this, base, false, kinds, isRepository, own);
    }

    /** What is said of a path below the root of the search. */
    Verdict verdict(String path, String name, boolean folder) {
        if (silent) {
            return Verdict.NOTHING;
        }
        for (int kind = 0; kind < FILES.size() + 1; kind++) {
            boolean git = kind >= 2;
            if (git && !inRepository) {
                continue;
            }
            for (Ignores each = this; each != null; each = each.above) {
                Rules rules = each.kinds.get(kind);
                Verdict verdict = rules.isEmpty() ? Verdict.NOTHING : rules.verdict(each.relative(path), name, folder);
                if (verdict != Verdict.NOTHING) {
                    return verdict;
                }
                if (git && each.repository) {
                    break;
                }
            }
        }
        return inRepository ? own.verdict(path, name, folder) : Verdict.NOTHING;
    }

    private String relative(String path) {
        if (beyond) {
            return base.isEmpty() ? path : base + "/" + path;
        }
        return base.isEmpty() ? path : path.substring(base.length() + 1);
    }

    private static Rules read(Path file) {
        try {
            return Files.isRegularFile(file)
                    ? Rules.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                    : NONE;
        } catch (IOException | RuntimeException e) {
            return NONE;
        }
    }

    /** The list that the user keeps for all repositories: {@code core.excludesFile}, or its usual place. */
    private static Rules ofUser() {
        String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home", "/"));
        String xdg = System.getenv("XDG_CONFIG_HOME");
        Path config = xdg == null || xdg.isEmpty() ? Path.of(home, ".config") : Path.of(xdg);
        for (Path file : List.of(Path.of(home, ".gitconfig"), config.resolve("git/config"))) {
            String named = excludesFile(file);
            if (named != null) {
                return read(named.startsWith("~/") ? Path.of(home, named.substring(2)) : Path.of(named));
            }
        }
        return read(config.resolve("git/ignore"));
    }

    private static @Nullable String excludesFile(Path config) {
        try {
            for (String line : Files.isRegularFile(config) ? Files.readAllLines(config) : List.<String>of()) {
                int is = line.indexOf('=');
                if (is > 0
                        && line.substring(0, is)
                                .strip()
                                .toLowerCase(Locale.ROOT)
                                .equals("excludesfile")) {
                    return line.substring(is + 1).strip().replace("\"", "");
                }
            }
        } catch (IOException e) {
            return null;
        }
        return null;
    }
}
