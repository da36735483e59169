package dev.viber.tool.file;

import java.nio.file.FileSystemException;

/** A rename would have to move data to another file system. */
final class CrossDeviceException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    CrossDeviceException(String path) {
        super(path, null, "is on another file system");
    }
}
