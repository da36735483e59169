"""The guest's root: out of unpacked packages, what Chrome, Java and the agent need, and nothing else."""

import os
import pathlib
import re
import shutil

from .stages import Failure, run

LIBRARIES = ["usr/lib/chromium", "usr/lib/x86_64-linux-gnu", "usr/lib"]

# Beside what their programs are linked to: what these load by name while they run.
PROGRAMS = ["usr/lib/chromium/chromium-headless-shell", "usr/bin/dash"]
LOADED = [
    "usr/lib/x86_64-linux-gnu/libsoftokn3.so",
    "usr/lib/x86_64-linux-gnu/libfreebl3.so",
    "usr/lib/x86_64-linux-gnu/libfreeblpriv3.so",
    "usr/lib/x86_64-linux-gnu/libnssckbi.so",
    "usr/lib/x86_64-linux-gnu/nss",
    "usr/lib/chromium/libEGL.so",
    "usr/lib/chromium/libGLESv2.so",
    "usr/lib/chromium/libvk_swiftshader.so",
    "usr/lib/chromium/libvulkan.so.1",
]
DATA = [
    "usr/lib/chromium/*.pak",
    "usr/lib/chromium/*.bin",
    "usr/lib/chromium/icudtl.dat",
    "usr/lib/chromium/vk_swiftshader_icd.json",
    "usr/lib/locale/C.utf8",
    "usr/share/fonts",
    "usr/share/fontconfig",
    "usr/share/X11/xkb/rules/evdev*",
    "etc/fonts",
    "etc/ssl/openssl.cnf",
]
FOLDERS = ["dev", "proc", "sys", "run", "tmp", "var", "opt/viper-agent"]
LINKS = {
    "bin": "usr/bin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "sbin": "usr/sbin",
    "usr/bin/sh": "dash",
    "etc/hosts": "/run/viper/hosts",
    "etc/machine-id": "/run/viper/machine-id",
    "etc/resolv.conf": "/run/viper/resolv.conf",
}


def needed_by(paths):
    """What ELF files are linked to: names of libraries, paths of their loaders, folders to look in besides."""
    text = run("readelf", "-W", "-l", "-d", *paths).decode()
    return [set(re.findall(pattern, text)) for pattern in (
        r"\(NEEDED\)\s+Shared library: \[(.+?)\]", r"Requesting program interpreter: /(.+?)\]",
        r"\((?:RUNPATH|RPATH)\)\s+Library r\w+: \[/(.+?)\]")]


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def closure(tree, seeds, own):
    """Paths, relative to the tree, of all libraries that the seeds need, and that those need, other than `own`."""
    found, waiting = set(), [pathlib.Path(seed) for seed in seeds]
    while waiting:
        libraries, loaders, folders = needed_by(waiting)
        waiting = []
        for name in sorted((libraries - own) | loaders):
            places = [*LIBRARIES, *sorted(folders)]
            candidates = [name] if name in loaders else [f"{place}/{name}" for place in places]
            path = next((path for path in candidates if (tree / path).exists()), None)
            if path is None:
                raise Failure(f"no package brings the library {name}")
            if path not in found:
                found.add(path)
                waiting.append(tree / path)
    return found


def copy(tree, root, path):
    """Copies a file, a link with what it leads to, or a folder."""
    source, target = tree / path, root / path
    if target.is_symlink() or (target.exists() and not source.is_dir()):
        return
    # lib and lib64 are links into usr: what is asked for below them is put where they lead.
    real = pathlib.Path(os.path.realpath(source.parent)) / source.name
    path = real.relative_to(os.path.realpath(tree))
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if real.is_symlink():
        if not target.is_symlink():
            target.symlink_to(os.readlink(real))
        leads_to = os.readlink(real)
        inside = tree / leads_to.lstrip("/") if leads_to.startswith("/") else real.parent / leads_to
        if inside.exists():
            copy(tree, root, os.path.relpath(os.path.normpath(inside), tree))
    elif real.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for entry in sorted(real.iterdir()):
            copy(tree, root, entry.relative_to(os.path.realpath(tree)))
    elif not target.exists():
        shutil.copy2(real, target, follow_symlinks=False)


def browser(tree, extra, root):
    """Chrome's part, out of the unpacked packages; `extra` are more ELF files whose libraries are wanted."""
    tree = pathlib.Path(os.path.realpath(tree))
    for path in PROGRAMS:
        if not (tree / path).exists():
            raise Failure(f"no package brings {path}")
    # What is loaded by name may be elsewhere in another release of Debian; the guest's first start shows what lacks.
    loaded = [path for path in LOADED if (tree / path).exists()]
    seeds = PROGRAMS + [str(path.relative_to(tree)) for start in loaded
                        for path in ([tree / start] if (tree / start).is_file() else (tree / start).rglob("*.so"))]
    data = [str(path.relative_to(tree)) for pattern in DATA for path in sorted(tree.glob(pattern))]
    libraries = closure(tree, [tree / seed for seed in seeds] + extra, {path.name for path in extra})
    for path in sorted({*seeds, *data, *libraries}):
        copy(tree, root, path)
    certificates(tree, root)
    normalise(root)


def certificates(tree, root):
    """What ca-certificates makes when it is installed: one file of all."""
    parts = sorted((tree / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    if not parts:
        raise Failure("no package brings usr/share/ca-certificates/mozilla")
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("".join(part.read_text().rstrip("\n") + "\n" for part in parts))


def assemble(root, browser_part, jre, init, agent, template):
    """Puts the parts together; what is ours and small is also left alone in `own`, beside the root."""
    own = root.parent / "own"
    own.mkdir()
    shutil.copytree(template, own, dirs_exist_ok=True)
    for folder in FOLDERS:
        (own / folder).mkdir(parents=True, exist_ok=True)
    for name, leads_to in LINKS.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).symlink_to(leads_to)
    (own / "usr/sbin").mkdir()
    shutil.copyfile(init, own / "usr/sbin/viper-init")
    (own / "usr/sbin/viper-init").chmod(0o755)
    if agent is not None:
        shutil.copytree(agent, own / "opt/viper-agent", symlinks=True, dirs_exist_ok=True)
    normalise(own)
    for part, place in ((browser_part, root), (jre, root / "opt/java"), (own, root)):
        shutil.copytree(part, place, symlinks=True, dirs_exist_ok=True, copy_function=os.link)


def normalise(root):
    """One mode for folders and programs, one for other files: whatever the builder's umask, and nothing setuid."""
    for path in sorted(root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o111 else 0o644)
    root.chmod(0o755)
