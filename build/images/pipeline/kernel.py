"""The guest's kernel: Debian's own, taken apart, or one built from Debian's source with only what a guest needs."""

import lzma
import os
import pathlib
import re
import shutil
import stat
import struct
import subprocess

from .cpio import Archive
from .debian import describe
from .stages import Failure, run

# What a guest's devices need; what these depend on is found in them. Those built into the kernel are left out.
MODULES = ["virtio_pci", "virtio_mmio", "virtio_blk", "erofs", "virtio_console", "virtio_net", "virtio_rng",
           "vmw_vsock_virtio_transport"]

# How a bzImage's payload may be packed: its first bytes, and the program that unpacks it.
PACKED = {b"\x02\x21\x4c\x18": ["lz4", "-d"], b"\xfd7zXZ": ["xz", "-d"], b"\x28\xb5\x2f\xfd": ["zstd", "-d"],
          b"\x1f\x8b": ["gzip", "-d"]}

XEN_PVH_ENTRY = 18


def newest_debian_kernel():
    """The package that linux-image-cloud-amd64 stands for."""
    meta = describe(["linux-image-cloud-amd64"])
    name = re.search(r"linux-image-\S+-cloud-amd64", meta[0]["depends"]) if meta else None
    if name is None:
        raise Failure("apt knows no linux-image-cloud-amd64; Debian's own sources are needed (apt-get update)")
    return describe([name.group()])[0]


def unpack_vmlinux(bzimage):
    """The ELF file inside a bzImage, by the offsets that its header tells (Documentation/arch/x86/boot.rst)."""
    image = pathlib.Path(bzimage).read_bytes()
    if image[0x202:0x206] != b"HdrS":
        raise Failure(f"{bzimage} is no bzImage")
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (image[0x1F1] or 4) * 512 + 512 + offset
    # The last four bytes tell the unpacked size.
    packed, size = image[start:start + length - 4], struct.unpack_from("<I", image, start + length - 4)[0]
    command = next((command for magic, command in PACKED.items() if packed.startswith(magic)), None)
    if command is None:
        raise Failure(f"{bzimage} is packed in a way that is not known here: {packed[:6].hex()}")
    vmlinux = subprocess.run(command, input=packed, stdout=subprocess.PIPE, check=False).stdout
    if len(vmlinux) != size or not vmlinux.startswith(b"\x7fELF"):
        raise Failure(f"{' '.join(command)} made {len(vmlinux)} bytes of {bzimage}, not the {size} of a vmlinux")
    return vmlinux


def has_pvh_note(vmlinux):
    """Whether Cloud Hypervisor, and QEMU's -kernel, can start it: the ELF note with its 32-bit entry."""
    offset, = struct.unpack_from("<Q", vmlinux, 32)
    size, count = struct.unpack_from("<HH", vmlinux, 54)
    for index in range(count):
        kind, _, start, _, _, length = struct.unpack_from("<IIQQQQ", vmlinux, offset + index * size)
        at, end = start, start + length
        while kind == 4 and at + 12 <= end:
            name_size, desc_size, note = struct.unpack_from("<III", vmlinux, at)
            if note == XEN_PVH_ENTRY and vmlinux[at + 12:at + 16] == b"Xen\0":
                return True
            at += 12 + (name_size + 3 & ~3) + (desc_size + 3 & ~3)
    return False


def write_vmlinux(bzimage, target):
    vmlinux = unpack_vmlinux(bzimage)
    if not has_pvh_note(vmlinux):
        raise Failure(f"the kernel in {bzimage} has no PVH entry, so Cloud Hypervisor could not start it")
    target.write_bytes(vmlinux)


def module_order(folder):
    """The module files, each after those it depends on."""
    # The file may be called virtio-rng.ko where the module is virtio_rng; Debian 13 packs them.
    files = {path.name.split(".ko")[0].replace("-", "_"): path for path in folder.rglob("*.ko*")}
    built_in = {pathlib.Path(line).stem.replace("-", "_")
                for line in (folder / "modules.builtin").read_text().splitlines()}
    order = {}

    def add(name):
        if name in order or name in built_in:
            return
        if name not in files:
            raise Failure(f"the kernel has no module {name}")
        path = files[name]
        data = lzma.open(path).read() if path.suffix == ".xz" else path.read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in filter(None, depends.group(1).decode().split(",") if depends else []):
            add(other.replace("-", "_"))
        order[name] = data

    for name in MODULES:
        add(name)
    return order


def write_module_initramfs(folder, init, target, mtime):
    """init, the modules and their order: enough to find the disk that is the root."""
    order = module_order(folder)
    with open(target, "wb") as file:
        archive = Archive(file, mtime)
        for name in ("dev", "modules", "proc", "root", "sys"):
            archive.folder(name)
        archive.node("dev/console", 0o600, 5, 1)
        archive.copy("init", init)
        archive.content("modules/order", stat.S_IFREG | 0o644, "".join(f"{name}.ko\n" for name in order).encode())
        for name, data in order.items():
            archive.content(f"modules/{name}.ko", stat.S_IFREG | 0o644, data)
        archive.close()
    return list(order)


def newest_source():
    meta = describe(["linux-source"])
    name = re.search(r"linux-source-\S+", meta[0]["depends"]) if meta else None
    if name is None:
        raise Failure("apt knows no linux-source; Debian's own sources are needed (apt-get update)")
    return describe([name.group()])[0]


def build_trimmed(tarball, fragment, jobs, work):
    """A kernel without modules out of Debian's source: tinyconfig and the fragment, which must all be taken."""
    source = work / "source"
    source.mkdir()
    run("tar", "-x", "-C", source, "--strip-components=1", "-f", tarball)
    # The kernel holds who built it, where and when; these are the same for all.
    environment = {**os.environ, "KBUILD_BUILD_USER": "viper", "KBUILD_BUILD_HOST": "image",
                   "KBUILD_BUILD_TIMESTAMP": "Thu Jan  1 00:00:00 UTC 1970", "KBUILD_BUILD_VERSION": "1"}
    run("make", "-C", source, "tinyconfig", env=environment)
    run("scripts/kconfig/merge_config.sh", "-m", ".config", fragment, cwd=source, env=environment)
    run("make", "-C", source, "olddefconfig", env=environment)
    config = (source / ".config").read_text().splitlines()
    lost = [line for line in fragment.read_text().splitlines() if line.startswith("CONFIG_")
            and (line not in config if not line.endswith("=n") else line[:-1] + "y" in config)]
    if lost:
        raise Failure("the kernel's configuration did not take: " + " ".join(lost))
    run("make", "-C", source, f"-j{jobs}", "bzImage", env=environment)
    shutil.copyfile(source / "arch/x86/boot/bzImage", work / "vmlinuz")
    release = (source / "include/config/kernel.release").read_text().strip()
    (work / "release").write_text(release)
    shutil.copyfile(source / ".config", work / "config")
    shutil.rmtree(source)
