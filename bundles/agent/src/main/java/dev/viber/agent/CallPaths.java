package dev.viber.agent;

import dev.viber.api.tool.Touches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the path arguments of a call name: as written, and where links lead at this instant. */
record CallPaths(List<Named> named) {
    private static final Logger LOG = LoggerFactory.getLogger(CallPaths.class);

    /**
     * A path as rules see it, with {@code /} between names.
     *
     * @param relative from the workspace, {@code .} being itself; null where it is not in it
     */
    record Named(@Nullable String relative, String absolute) {}

    /** What a call of a tool that touches this names. */
    static CallPaths of(Touches touches, Map<String, Object> arguments, Path workspace) {
        Set<Named> named = new LinkedHashSet<>();
        for (List<String> names : List.of(touches.reads(), touches.writes())) {
            for (String name : names) {
                // One that is left out stands for the workspace, as far as a tool can do without it.
                Object value = arguments.getOrDefault(name, ".");
                for (Object each : value instanceof List<?> list ? list : List.of(value)) {
                    add(named, String.valueOf(each), workspace);
                }
            }
        }
        return new CallPaths(new ArrayList<>(named));
    }

    private static void add(Set<Named> named, String text, Path workspace) {
        Path written;
        try {
            written = workspace.resolve(text).normalize();
        } catch (InvalidPathException e) {
            LOG.debug("'{}' is no path; the tool will say so", text);
            return;
        }
        named.add(named(written, workspace));
        try {
            Path there = written;
            while (there != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
                there = there.getParent();
            }
            if (there != null) {
                Path real =
                        there.toRealPath().resolve(there.relativize(written)).normalize();
                named.add(named(real, workspace.toRealPath()));
            }
        } catch (IOException e) {
            LOG.debug("where '{}' leads cannot be told: {}", text, e.toString());
        }
    }

    private static Named named(Path path, Path workspace) {
        String relative = path.startsWith(workspace) ? slashed(workspace.relativize(path)) : null;
        return new Named(relative != null && relative.isEmpty() ? "." : relative, slashed(path));
    }

    private static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }
}
