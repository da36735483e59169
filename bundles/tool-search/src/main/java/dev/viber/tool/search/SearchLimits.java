package dev.viber.tool.search;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator allows a search, and how this machine is asked for files. */
@Component(service = SearchLimits.class, configurationPid = "dev.viber.tool.search")
@Designate(ocd = SearchLimits.Config.class)
public final class SearchLimits {
    private static final Logger LOG = LoggerFactory.getLogger(SearchLimits.class);

    /** What an operator may set. */
    @ObjectClassDefinition(name = "Viber search tools")
    public @interface Config {
        /** Absolute paths of folders that may be searched beside the workspace. */
        @AttributeDefinition(description = "absolute paths of folders that may be searched beside the workspace")
        String[] roots() default {};

        /** The most matches one call returns, whatever its limit. */
        @AttributeDefinition(description = "the most matches one call returns, whatever its limit")
        int max_matches() default 10_000;

        /** The most characters one call returns. */
        @AttributeDefinition(description = "the most characters one call returns")
        int max_result() default 1 << 20;

        /** The most bytes of a line that are returned; the rest of a longer one is cut off. */
        @AttributeDefinition(description = "the most bytes of a line that are returned")
        int max_line() default 2_000;

        /** How many threads a search has; 0 for one a core. */
        @AttributeDefinition(description = "how many threads a search has; 0 for one a core")
        int threads() default 0;

        /** How far a search stands back behind the rest of the process: Linux's niceness, 0 to 19. */
        @AttributeDefinition(description = "how far a search stands back: Linux's niceness, 0 to 19")
        int niceness() default 5;
    }

    private final List<Path> roots;
    private final int mostMatches;
    private final int mostResult;
    private final int longestText;
    private final int threads;
    private final int niceness;
    private final boolean handles;

    /** Made by Declarative Services. */
    @Activate
    public SearchLimits(Config config) {
        this(
                Stream.of(config.roots())
                        .filter(root -> !root.isBlank())
                        .map(Path::of)
                        .toList(),
                config.max_matches(),
                config.max_result(),
                config.max_line(),
                config.threads(),
                config.niceness(),
                byHandles());
    }

    SearchLimits(
            List<Path> roots,
            int mostMatches,
            int mostResult,
            int longestText,
            int threads,
            int niceness,
            boolean handles) {
        this.roots = List.copyOf(roots);
        this.mostMatches = within("max.matches", mostMatches, 1, Integer.MAX_VALUE);
        this.mostResult = within("max.result", mostResult, 1, Integer.MAX_VALUE);
        this.longestText = within("max.line", longestText, 16, Integer.MAX_VALUE);
        this.threads = within("threads", threads, 0, 256);
        this.niceness = within("niceness", niceness, 0, 19);
        this.handles = handles;
        for (Path root : roots) {
            if (!root.isAbsolute()) {
                throw new IllegalArgumentException(
                        "dev.viber.tool.search: roots: '%s': wanted an absolute path".formatted(root));
            }
        }
    }

    private static boolean byHandles() {
        String unusable = Kernel.unusable();
        if (unusable != null) {
            LOG.info("Searches check real paths, a weaker promise than directory handles: {}", unusable);
        }
        return unusable == null;
    }

    List<Path> roots() {
        return roots;
    }

    int mostMatches() {
        return mostMatches;
    }

    int mostResult() {
        return mostResult;
    }

    int longestText() {
        return longestText;
    }

    int threads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    int niceness() {
        return niceness;
    }

    /** Whether folders are held by descriptors. */
    boolean handles() {
        return handles;
    }

    /** Makes each thread of a search its own view of the disk. */
    Supplier<Disk> disks() {
        return handles ? LinuxDisk::new : PortableDisk::new;
    }

    private static int within(String property, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("dev.viber.tool.search: %s: %d: wanted a number from %d to %d"
                    .formatted(property, value, least, most));
        }
        return value;
    }
}
