"""Stages: each has inputs told as plain data, is done once for these inputs, and kept under build/cache."""

import fcntl
import hashlib
import inspect
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time


KEPT = 2


class Failure(Exception):
    """What went wrong, in words for the person at the terminal."""


def run(*command, **options):
    """Runs a command quietly; its output is shown where it fails."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, check=False, **options)
    except FileNotFoundError as missing:
        raise Failure(f"{missing.filename} is not installed; run build/images/build.py --install-tools") from missing
    if done.returncode != 0:
        output = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise Failure(f"{' '.join(str(part) for part in command[:6])} failed ({done.returncode}):\n{output[-3000:]}")
    return done.stdout


def digest_of_file(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_tree(folder):
    """Names, kinds, executable bits and contents; no times and owners, since the image has its own."""
    digest = hashlib.sha256()
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_symlink():
            what = "link " + os.readlink(path)
        elif path.is_file():
            what = f"file {path.stat().st_mode & 0o111 != 0} {digest_of_file(path)}"
        else:
            what = "folder"
        digest.update(f"{path.relative_to(folder)}\0{what}\n".encode())
    return digest.hexdigest()


class Stages:
    def __init__(self, cache, fresh):
        self.cache = pathlib.Path(cache)
        self.fresh = fresh
        self.cache.mkdir(parents=True, exist_ok=True)
        # Held until the process ends: two builds would write over each other's stages.
        self.lock = open(self.cache / ".lock", "w", encoding="ascii")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  another build is at work here; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.began = time.monotonic()
        self.count = 0

    def stage(self, name, inputs, make):
        """The folder that make(folder) filled for these inputs, now or earlier; how it is made is an input too."""
        self.count += 1
        inputs = [inspect.getsource(make), *inputs]
        key = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
        result = self.cache / f"{name}-{key}"
        if result.is_dir() and not self.fresh:
            os.utime(result)
            self._told(name, "cached")
            return result
        self._told(name, "...", end="\r")
        began = time.monotonic()
        work = self.cache / f"{name}.making"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        make(work)
        shutil.rmtree(result, ignore_errors=True)
        work.rename(result)
        self._forget(name)
        self._told(name, f"{time.monotonic() - began:.1f} s")
        return result

    def _forget(self, name):
        """Keeps those used last: with and without an agent, say, are built in turn."""
        results = sorted(self.cache.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)
        for old in results[:-KEPT]:
            shutil.rmtree(old)

    def _told(self, name, what, end="\n"):
        # A line that is written over is for terminals; a log gets the finished ones.
        if end == "\n" or sys.stderr.isatty():
            print(f"  {self.count:2} {name:<10} {what:<10}", end=end, file=sys.stderr, flush=True)

    def seconds(self):
        return time.monotonic() - self.began
