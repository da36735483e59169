package dev.viber.tool.search;

import dev.viber.api.tool.ToolException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a search begins, found to lie within the workspace or a further root.
 *
 * @param folder the folder, open; null where the root is a file
 * @param file the file's descriptor, or -1
 * @param real its real path, as far as one can know
 * @param shown its path as people see it, empty for the workspace
 */
record Root(@Nullable Folder folder, int file, Path real, String shown) {
    private static final int ENOTDIR = 20;

    /** Finds it, and opens it by the kernel's own resolution where that is to be had. */
    static Root open(SearchLimits limits, Path workspace, String wanted) throws ToolException {
        if (wanted.indexOf('\0') >= 0) {
            throw new ToolException("root: the path holds a NUL character; wanted a path without");
        }
        String path = File.separatorChar == '\\' ? wanted.replace('\\', '/') : wanted;
        try {
            if (!Path.of(path).isAbsolute()) {
                return open(limits, real(workspace, "."), path, wanted, clean(path));
            }
            Path nearest = null;
            for (Path each : limits.roots()) {
                nearest = nearer(each, nearest, path);
            }
            nearest = nearer(workspace, nearest, path);
            nearest = nearer(real(workspace, "."), nearest, path);
            if (nearest == null) {
                throw outside(wanted);
            }
            String rest = nearest.relativize(Path.of(path)).toString();
            boolean home = nearest.equals(workspace) || nearest.equals(real(workspace, "."));
            return open(limits, real(nearest, wanted), rest, wanted, home ? clean(rest) : clean(path));
        } catch (InvalidPathException e) {
            throw new ToolException("root '%s': is no path of this system: %s".formatted(wanted, e.getReason()));
        }
    }

    private static @Nullable Path nearer(Path each, @Nullable Path nearest, String path) {
        boolean holds = Path.of(path).startsWith(each);
        return holds && (nearest == null || each.getNameCount() > nearest.getNameCount()) ? each : nearest;
    }

    private static Root open(SearchLimits limits, Path base, String rest, String wanted, String shown)
            throws ToolException {
        String below = rest.isEmpty() ? "." : rest;
        Path real = hint(base, below);
        return limits.handles() ? byHandle(base, below, real, wanted, shown) : byPath(base, below, wanted, shown);
    }

    private static Root byHandle(Path base, String below, @Nullable Path real, String wanted, String shown)
            throws ToolException {
        try (Kernel kernel = new Kernel()) {
            int home = kernel.openRoot(bytes(base.toString()));
            if (home < 0) {
                throw refused(wanted, home);
            }
            try {
                int handle = kernel.openBeneath(home, bytes(below), true);
                String again = below;
                if (handle == -Kernel.EXDEV && real != null) {
                    // The kernel refuses every absolute link, also one that leads back in; where it leads is a hint.
                    again = base.relativize(real).toString();
                    again = again.isEmpty() ? "." : again;
                    handle = kernel.openBeneath(home, bytes(again), true);
                }
                Path path = real == null ? base.resolve(below).normalize() : real;
                if (handle == -ENOTDIR) {
                    int file = kernel.openBeneath(home, bytes(again), false);
                    if (file >= 0) {
                        return new Root(null, file, path, shown);
                    }
                    handle = file;
                }
                if (handle < 0) {
                    throw real == null && climbsOut(below) ? outside(wanted) : refused(wanted, handle);
                }
                return new Root(new Folder(handle, null, "", Ignores.above(path)), -1, path, shown);
            } finally {
                kernel.close(home);
            }
        }
    }

    private static Root byPath(Path base, String below, String wanted, String shown) throws ToolException {
        Path real = real(base.resolve(below), wanted);
        if (!real.startsWith(base)) {
            throw outside(wanted);
        }
        return Files.isDirectory(real)
                ? new Root(new Folder(-1, real, "", Ignores.above(real)), -1, real, shown)
                : new Root(null, -1, real, shown);
    }

    private static Path real(Path path, String wanted) throws ToolException {
        try {
            return path.toRealPath();
        } catch (NoSuchFileException e) {
            throw new ToolException("root '%s': no such file or directory".formatted(wanted));
        } catch (IOException e) {
            throw new ToolException("root '%s': cannot be looked at (%s)"
                    .formatted(wanted, e.getClass().getSimpleName()));
        }
    }

    private static @Nullable Path hint(Path base, String below) {
        try {
            Path real = base.resolve(below).toRealPath();
            return real.startsWith(base) ? real : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static boolean climbsOut(String path) {
        int depth = 0;
        for (String name : path.split("/", -1)) {
            depth += name.equals("..") ? -1 : name.isEmpty() || name.equals(".") ? 0 : 1;
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    private static ToolException outside(String wanted) {
        return new ToolException("root '%s': leads outside the workspace and the configured roots".formatted(wanted));
    }

    private static ToolException refused(String wanted, int errno) {
        return switch (-errno) {
            case Kernel.ENOENT -> new ToolException("root '%s': no such file or directory".formatted(wanted));
            case Kernel.EXDEV -> outside(wanted);
            case 13 -> new ToolException("root '%s': access denied to the user this viber runs as".formatted(wanted));
            default -> new ToolException("root '%s': cannot be opened (errno %d)".formatted(wanted, -errno));
        };
    }

    private static byte[] bytes(String path) {
        return path.getBytes(StandardCharsets.UTF_8);
    }

    /** Without what says nothing: {@code ./src/} is {@code src}. */
    private static String clean(String path) {
        String clean = Path.of(path).normalize().toString().replace('\\', '/');
        return clean.equals(".") ? "" : clean;
    }
}
