package dev.viber.tool.file;

import java.nio.file.FileSystemException;

/** A path leads out of the tree it must stay in. */
final class OutsideException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    OutsideException(String path) {
        super(path, null, "leads outside the workspace; wanted a path within it or within a configured root");
    }
}
