"""Archives the kernel unpacks as its first root: cpio "newc", gzip, the same bytes for the same files."""

import os
import stat
import zlib

BLOCK = 1 << 20


class Archive:
    def __init__(self, file, mtime):
        self.file = file
        self.mtime = mtime
        self.inode = 0
        # In zlib's own gzip framing, which holds neither a name nor a time. Level 6 takes twice the time for 4 % less.
        self.gzip = zlib.compressobj(4, zlib.DEFLATED, 31)

    def _write(self, data):
        self.file.write(self.gzip.compress(data))

    def _header(self, name, mode, size, device=(0, 0)):
        self.inode += 1
        encoded = os.fsencode(name) + b"\0"
        fields = [self.inode, mode, 0, 0, 1, self.mtime, size, 0, 0, *device, len(encoded), 0]
        self._write(b"070701" + b"".join(b"%08x" % field for field in fields) + encoded)
        self._write(b"\0" * (-(110 + len(encoded)) % 4))

    def folder(self, name):
        self._header(name, stat.S_IFDIR | 0o755, 0)

    def link(self, name, leads_to):
        self.content(name, stat.S_IFLNK | 0o777, os.fsencode(leads_to))

    def node(self, name, mode, major, minor):
        self._header(name, stat.S_IFCHR | mode, 0, (major, minor))

    def content(self, name, mode, data):
        self._header(name, mode, len(data))
        self._write(data + b"\0" * (-len(data) % 4))

    def copy(self, name, path):
        info = path.stat()
        self._header(name, stat.S_IFREG | stat.S_IMODE(info.st_mode), info.st_size)
        with open(path, "rb") as source:
            while block := source.read(BLOCK):
                self._write(block)
        self._write(b"\0" * (-info.st_size % 4))

    def tree(self, root, place=""):
        """All below the root, folders before what is in them, in the order of their names."""
        for path in sorted(root.rglob("*")):
            name = place + str(path.relative_to(root))
            if path.is_symlink():
                self.link(name, os.readlink(path))
            elif path.is_dir():
                self.folder(name)
            else:
                self.copy(name, path)

    def close(self):
        self.inode = -1
        self._header("TRAILER!!!", 0, 0)
        self.file.write(self.gzip.flush())
