package dev.viber.tool.file;

import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.Touches.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all file tools share: the limits, the further roots, and the best confinement this machine has. */
@Component(service = ConfinedFiles.class, configurationPid = "dev.viber.tool.file")
@Designate(ocd = ConfinedFiles.Config.class)
public final class ConfinedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ConfinedFiles.class);

    /** What an operator may set. */
    @ObjectClassDefinition(name = "Viber file tools")
    public @interface Config {
        /** Absolute paths of folders that may be used beside the workspace. */
        @AttributeDefinition(description = "absolute paths of folders that may be used beside the workspace")
        String[] roots() default {};

        /** The most bytes one call of file.read returns; fewer where they would grow too large as JSON. */
        @AttributeDefinition(
                description = "the most bytes one call of file.read returns; fewer where they grow too large as JSON")
        int max_read_bytes() default 1 << 20;

        /** The most bytes one call of file.write or file.edit writes. */
        @AttributeDefinition(description = "the most bytes one call of file.write or file.edit writes")
        int max_write_bytes() default 16 << 20;

        /** The most entries one call of file.list or file.glob returns. */
        @AttributeDefinition(description = "the most entries one call of file.list or file.glob returns")
        int max_entries() default 10_000;
    }

    /** The ways to confine. */
    enum Confinement {
        /** Directory handles and openat2. */
        HANDLES {
            @Override
            Tree open(Path root, String prefix) throws IOException {
                return LinuxTree.open(root, prefix);
            }
        },
        /** Real paths, checked before use. */
        REAL_PATHS {
            @Override
            Tree open(Path root, String prefix) throws IOException {
                return PortableTree.open(root, prefix);
            }
        };

        abstract Tree open(Path root, String prefix) throws IOException;

        static Confinement best() {
            String unusable = Kernel.unusable();
            if (unusable == null) {
                return HANDLES;
            }
            LOG.info("File tools check real paths, a weaker promise than directory handles: {}", unusable);
            return REAL_PATHS;
        }
    }

    private final Confinement confinement;
    private final List<Path> roots;
    private final int maxReadBytes;
    private final int maxWriteBytes;
    private final int maxEntries;

    /** Made by Declarative Services. */
    @Activate
    public ConfinedFiles(Config config) {
        this(
                Confinement.best(),
                Stream.of(config.roots())
                        .filter(root -> !root.isBlank())
                        .map(Path::of)
                        .toList(),
                config.max_read_bytes(),
                config.max_write_bytes(),
                config.max_entries());
    }

    ConfinedFiles(Confinement confinement, List<Path> roots, int maxReadBytes, int maxWriteBytes, int maxEntries) {
        this.confinement = confinement;
        this.roots = List.copyOf(roots);
        this.maxReadBytes = positive("max.read.bytes", maxReadBytes);
        this.maxWriteBytes = positive("max.write.bytes", maxWriteBytes);
        this.maxEntries = positive("max.entries", maxEntries);
        for (Path root : roots) {
            if (!root.isAbsolute()) {
                throw new IllegalArgumentException(
                        "dev.viber.tool.file: roots: '%s': wanted an absolute path".formatted(root));
            }
        }
    }

    int maxReadBytes() {
        return maxReadBytes;
    }

    int maxWriteBytes() {
        return maxWriteBytes;
    }

    int maxEntries() {
        return maxEntries;
    }

    /** The further roots, as configured. */
    List<Path> roots() {
        return roots;
    }

    /**
     * Opens the workspace for one call; the further roots are opened when a path asks for them. Both are what the call's
     * context gives, and nothing is written where it does not give that.
     */
    Workspace open(ToolContext context) {
        Path workspace = context.workspace();
        List<Path> given = Stream.concat(context.roots(Access.READ).stream(), context.roots(Access.WRITE).stream())
                .filter(root -> !root.equals(workspace))
                .distinct()
                .toList();
        return new Workspace(confinement, workspace, given, context.may(Access.WRITE));
    }

    private static int positive(String property, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    "dev.viber.tool.file: %s: %d: wanted a positive number".formatted(property, value));
        }
        return value;
    }
}
