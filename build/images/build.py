#!/usr/bin/env python3
"""Builds the guest: kernel, root and initramfs, from Debian packages, byte for byte the same for the same input."""

import argparse
import inspect
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from pipeline import cpio, debian, kernel, root
from pipeline.stages import Failure, Stages, digest_of_file, digest_of_tree, run

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent / "cache"
ARTIFACTS = HERE.parent / "artifacts"

PACKAGES = ["chromium-headless-shell", "dash", "ca-certificates", "fonts-dejavu-core", "fonts-droid-fallback",
            "fonts-liberation", "fonts-noto-color-emoji"]
MODULES = "java.base,java.net.http,java.xml,jdk.httpserver,jdk.unsupported"

# Debian packages that bring what is run here, and the program each is known by.
TOOLS = {"binutils": "readelf", "dpkg-dev": "dpkg-deb", "erofs-utils": "mkfs.erofs", "gcc": "gcc", "lz4": "lz4",
         "make": "make", "musl-tools": "musl-gcc", "qemu-system-x86": "qemu-system-x86_64", "tar": "tar",
         "xz-utils": "xz", "zstd": "zstd"}
KERNEL_TOOLS = {"bc": "bc", "bison": "bison", "flex": "flex", "libelf-dev": None, "perl": "perl"}

# Every file of the image is of this second, so that it tells nothing of when it was built.
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600"))
EROFS_UUID = "76697065-7221-4a00-8000-726f6f740001"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=pathlib.Path, metavar="DIR",
                        help="what becomes /opt/viper-agent in the guest; it has bin/start (default: an empty place)")
    parser.add_argument("--out", type=pathlib.Path, default=ARTIFACTS, metavar="DIR", help="default: build/artifacts")
    parser.add_argument("--cache", type=pathlib.Path, default=CACHE, metavar="DIR", help="default: build/cache")
    parser.add_argument("--kernel", choices=["debian", "trimmed"], default="debian",
                        help="Debian's cloud kernel, or one built here (about 11 CPU minutes, once)")
    parser.add_argument("--java", type=pathlib.Path, metavar="JDK", help="the JDK 25 the guest's Java comes from")
    parser.add_argument("--fresh", action="store_true", help="make everything anew, whatever is cached")
    parser.add_argument("--check", action="store_true", help="only compare the outputs with their checksums")
    parser.add_argument("--install-tools", action="store_true", help="only install what is needed, by apt-get, as root")
    return parser.parse_args()


def install_tools():
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *TOOLS, *KERNEL_TOOLS,
                                        "linux-libc-dev"]):
        if subprocess.run(["apt-get", *command], check=False).returncode != 0:
            raise Failure("apt-get did not install the tools; it has to be run as root")


def check_tools(wanted):
    missing = [package for package, tool in wanted.items() if tool is not None and shutil.which(tool) is None]
    if missing:
        raise Failure(f"missing: {', '.join(missing)}\n  apt-get install {' '.join(missing)}")


def find_jdk(given):
    places = [given] if given else [pathlib.Path(os.environ.get("JAVA_HOME", "/nowhere")),
                                    *sorted(pathlib.Path("/usr/lib/jvm").glob("*"))]
    for place in places:
        release = place / "release"
        if release.is_file() and 'JAVA_VERSION="25' in release.read_text() and (place / "bin/jlink").exists():
            return place.resolve()
    raise Failure(f"no JDK 25 with jlink in {', '.join(str(place) for place in places)}; name one by --java")


def make_plan(trimmed, work):
    (work / "packages.json").write_text(json.dumps(debian.resolve(PACKAGES)))
    (work / "kernel.json").write_text(json.dumps(
        kernel.newest_source() if trimmed else kernel.newest_debian_kernel()))


def make_java(jdk, work):
    run(jdk / "bin/jlink", "--add-modules", MODULES, "--strip-debug", "--no-header-files", "--no-man-pages",
        "--vm=server", "--generate-cds-archive", "--output", work / "java")
    # The archive for heaps of more than 32 GB, which no guest has.
    (work / "java/lib/server/classes_nocoops.jsa").unlink(missing_ok=True)
    root.normalise(work / "java")


def make_browser(packages, paths, jre, work):
    tree = work / "tree"
    tree.mkdir()
    debian.extract([paths[package["name"]] for package in packages], tree)
    root.browser(tree, [path for path in sorted(jre.rglob("*")) if path.is_file() and not path.is_symlink()
                        and root.is_elf(path)], work / "root")
    shutil.rmtree(tree)


def make_kernel(package, paths, init, work):
    tree = work / "tree"
    tree.mkdir()
    debian.extract([paths[package["name"]]], tree)
    vmlinuz = next((tree / "boot").glob("vmlinuz-*"))
    kernel.write_vmlinux(vmlinuz, work / "vmlinux-x86_64")
    release = vmlinuz.name.removeprefix("vmlinuz-")
    modules = kernel.write_module_initramfs(tree / "usr/lib/modules" / release, init,
                                            work / "viper-modules.cpio.gz", EPOCH)
    (work / "about.json").write_text(json.dumps({"variant": "debian", "release": release,
                                                 "version": package["version"], "modules": modules}))
    shutil.rmtree(tree)


def make_trimmed(package, paths, fragment, work):
    tree = work / "tree"
    tree.mkdir()
    debian.extract([paths[package["name"]]], tree)
    kernel.build_trimmed(next((tree / "usr/src").glob("linux-source-*.tar.xz")), fragment, os.cpu_count(),
                         work)
    shutil.rmtree(tree)
    kernel.write_vmlinux(work / "vmlinuz", work / "vmlinux-x86_64")
    (work / "about.json").write_text(json.dumps({"variant": "trimmed", "release": (work / "release").read_text(),
                                                 "version": package["version"], "modules": []}))


def make_erofs(tree, work):
    run("mkfs.erofs", f"-T{EPOCH}", f"-U{EROFS_UUID}", "-x-1", "--all-root", "--quiet", work / "viper-root.erofs",
        tree / "root")


def make_base(browser, java, work):
    """The large part of the initramfs, apart: packing it takes longest, and it seldom changes."""
    with open(work / "base.cpio.gz", "wb") as file:
        archive = cpio.Archive(file, EPOCH)
        archive.tree(browser / "root")
        archive.folder("opt")
        archive.folder("opt/java")
        archive.tree(java / "java", "opt/java/")
        archive.close()


def make_initramfs(base, tree, modules, work):
    """Archives behind each other, as the kernel takes them: Chrome and Java, what is ours, the modules."""
    with open(work / "viper-initramfs.cpio.gz", "wb") as file:
        with open(base / "base.cpio.gz", "rb") as part:
            shutil.copyfileobj(part, file)
        archive = cpio.Archive(file, EPOCH)
        archive.link("init", "usr/sbin/viper-init")
        archive.tree(tree / "own")
        archive.node("dev/console", 0o600, 5, 1)
        archive.close()
        if modules.exists():
            file.write(modules.read_bytes())


def write_outputs(out, files, manifest):
    out.mkdir(parents=True, exist_ok=True)
    described = {}
    for name, source in sorted(files.items()):
        target = out / name
        # The output is the cache's own file under another name, so nobody writes into it.
        source.chmod(0o444)
        described[name] = {"bytes": source.stat().st_size, "sha256": digest_of_file(source)}
        # A guest may be running from the file of that name: it keeps the old one.
        beside = out / f".{name}.new"
        beside.unlink(missing_ok=True)
        if not target.exists() or not os.path.samefile(source, target):
            try:
                os.link(source, beside)
            except OSError:
                shutil.copyfile(source, beside)
            beside.replace(target)
    for stale in {"viper-modules.cpio.gz"} - files.keys():
        (out / stale).unlink(missing_ok=True)
    text = json.dumps({**manifest, "files": described}, indent=2) + "\n"
    (out / "manifest.json").write_text(text)
    described["manifest.json"] = {"sha256": digest_of_file(out / "manifest.json")}
    (out / "SHA256SUMS").write_text("".join(f"{described[name]['sha256']}  {name}\n" for name in sorted(described)))


def check(out):
    sums = out / "SHA256SUMS"
    if not sums.is_file():
        raise Failure(f"{sums} is not there: nothing has been built yet")
    wrong = []
    for line in sums.read_text().splitlines():
        digest, name = line.split("  ", 1)
        if not (out / name).is_file() or digest_of_file(out / name) != digest:
            wrong.append(name)
    if wrong:
        raise Failure(f"not as they were built: {', '.join(wrong)}")
    print(f"{out}: all as built", file=sys.stderr)


def code_of(*modules):
    """Changes when what makes a stage does."""
    return [inspect.getsource(module) for module in modules]


def build(arguments):
    trimmed = arguments.kernel == "trimmed"
    check_tools({**TOOLS, **(KERNEL_TOOLS if trimmed else {})})
    agent, fragment = arguments.agent, HERE / "kernel.fragment"
    if agent is not None and not os.access(agent / "bin/start", os.X_OK):
        raise Failure(f"--agent: {agent}/bin/start is not a program")
    os.umask(0o022)
    jdk = find_jdk(arguments.java)
    stage = (stages := Stages(arguments.cache.absolute(), arguments.fresh)).stage

    plan = stage("plan", [code_of(debian), debian.lists_state(), PACKAGES, trimmed],
                 lambda work: make_plan(trimmed, work))
    packages = json.loads((plan / "packages.json").read_text())
    kernel_package = json.loads((plan / "kernel.json").read_text())
    paths = debian.download([*packages, kernel_package], stages.cache / "debs")
    source = HERE / "viper-init"
    init = stage("init", [digest_of_tree(source)],
                 lambda work: run("make", "-C", source, f"BUILD={work}", f"{work}/viper-init"))
    java = stage("java", [code_of(root.normalise, make_java), (jdk / "release").read_text(), MODULES],
                 lambda work: make_java(jdk, work))
    browser = stage("browser", [code_of(debian, root, make_browser), packages, java.name],
                    lambda work: make_browser(packages, paths, java / "java", work))
    tree = stage("root", [code_of(root), browser.name, java.name, init.name, digest_of_tree(HERE / "root"),
                          agent and digest_of_tree(agent)],
                 lambda work: root.assemble(work / "root", browser / "root", java / "java", init / "viper-init", agent,
                                            HERE / "root"))
    if trimmed:
        linux = stage("trimmed", [code_of(kernel.build_trimmed, make_trimmed), kernel_package, fragment.read_text()],
                      lambda work: make_trimmed(kernel_package, paths, fragment, work))
    else:
        linux = stage("kernel", [code_of(debian, kernel, cpio, make_kernel), kernel_package, init.name, EPOCH],
                      lambda work: make_kernel(kernel_package, paths, init / "viper-init", work))
    erofs = stage("erofs", [code_of(make_erofs), tree.name, EPOCH, EROFS_UUID], lambda work: make_erofs(tree, work))
    modules = linux / "viper-modules.cpio.gz"
    base = stage("base", [code_of(cpio, make_base), browser.name, java.name, EPOCH],
                 lambda work: make_base(browser, java, work))
    initramfs = stage("initramfs", [code_of(make_initramfs), base.name, tree.name, linux.name],
                      lambda work: make_initramfs(base, tree, modules, work))
    files = {"vmlinux-x86_64": linux / "vmlinux-x86_64", "viper-root.erofs": erofs / "viper-root.erofs",
             "viper-initramfs.cpio.gz": initramfs / "viper-initramfs.cpio.gz"}
    if not trimmed:
        files[modules.name] = modules
    write_outputs(arguments.out, files, {
        "kernel": json.loads((linux / "about.json").read_text()),
        "java": re.search('JAVA_RUNTIME_VERSION="(.*)"', (jdk / "release").read_text()).group(1),
        "boot": {"kernel": "vmlinux-x86_64", "root": "viper-root.erofs", "initrd": None if trimmed else modules.name,
                 "cmdline": "root=/dev/vda rootfstype=erofs ro init=/usr/sbin/viper-init reboot=t panic=-1"},
        "packages": [{key: package[key] for key in ("name", "version", "sha256")} for package in packages],
    })
    print(f"{arguments.out}: built in {stages.seconds():.1f} s", file=sys.stderr)


def main():
    arguments = parse_arguments()
    try:
        if arguments.install_tools:
            install_tools()
        elif arguments.check:
            check(arguments.out)
        else:
            build(arguments)
    except Failure as failure:
        sys.exit(f"build.py: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
