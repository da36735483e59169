"""Debian packages from the machine's own apt sources, none of them installed."""

import concurrent.futures
import os
import pathlib
import re
import subprocess

from .stages import Failure, digest_of_file, run

# As if nothing were installed: what the image gets does not depend on the machine that builds it.
EMPTY = ["-o", "Dir::State::status=/dev/null", "-o", "APT::Install-Recommends=false", "-o", "Debug::NoLocking=true"]


def lists_state():
    """Changes when apt's lists do."""
    lists = sorted(pathlib.Path("/var/lib/apt/lists").glob("*_Packages*"))
    return [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in lists]


def resolve(names):
    """The packages and all they depend on: [{name, version, sha256}]."""
    try:
        plan = run("apt-get", "-s", *EMPTY, "install", *names).decode()
    except Failure as failure:
        raise Failure(f"apt cannot plan the image's packages; try apt-get update\n{failure}") from failure
    versions = dict(re.findall(r"^Inst (\S+) \((\S+) ", plan, re.MULTILINE))
    return describe([f"{name}={version}" for name, version in sorted(versions.items())])


def describe(names):
    """Name, version and digest of single packages, as the signed lists tell them."""
    packages = {}
    for block in run("apt-cache", "show", "--no-all-versions", *names).decode().split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|SHA256|Depends): (.*)$", block, re.MULTILINE))
        if "SHA256" in fields:
            packages[fields["Package"]] = {
                "name": fields["Package"],
                "version": fields["Version"],
                "sha256": fields["SHA256"],
                "depends": fields.get("Depends", ""),
            }
    return [packages[name] for name in sorted(packages)]


def download(packages, folder):
    """Puts the packages that are not there yet into the folder, checked; answers {name: path}."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {package["name"]: folder / f"{package['name']}-{package['sha256'][:16]}.deb" for package in packages}
    missing = [package for package in packages if not paths[package["name"]].exists()]
    if missing:
        # Files that apt itself checked; a file that is not what the list says never gets its final name.
        run("apt-get", "-q", "-o", "APT::Sandbox::User=", "download",
            *(f"{package['name']}={package['version']}" for package in missing), cwd=folder)
        for package in missing:
            version = package["version"].replace(":", "%3a")
            found = list(folder.glob(f"{package['name']}_{version}_*.deb"))
            if len(found) != 1 or digest_of_file(found[0]) != package["sha256"]:
                raise Failure(f"{package['name']} {package['version']} was not downloaded as the list describes it")
            found[0].rename(paths[package["name"]])
    return paths


def extract(paths, folder):
    """Unpacks packages into a merged-/usr tree, without documentation."""
    for name in ("bin", "lib", "lib64", "sbin"):
        (folder / "usr" / name).mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).symlink_to(f"usr/{name}")
    left_out = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/icons"]

    def unpack(path):
        pipe, into = os.pipe()
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=into) as source:
            os.close(into)
            with os.fdopen(pipe, "rb") as tarball:
                run("tar", "-x", "-C", folder, "--keep-directory-symlink", "--no-same-owner", "-p",
                    *(f"--exclude=./{name}" for name in left_out), stdin=tarball)
        if source.returncode != 0:
            raise Failure(f"dpkg-deb cannot unpack {path}")

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(unpack, paths))
