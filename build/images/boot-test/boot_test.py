#!/usr/bin/env python3
"""Boots guests from the built image under QEMU's emulation and talks to them by the control channel."""

import argparse
import json
import os
import pathlib
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
IMAGES = HERE.parent
sys.path.insert(0, str(IMAGES))

from build import CACHE, find_jdk  # noqa: E402

# The emulation shares its machine with others: long enough for any of them, and no figure.
PATIENCE = 180


def assemble_probe():
    """The agent's place filled with Probe."""
    folder = CACHE / "probe"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    shutil.copy2(HERE / "start", folder / "bin/start")
    javac = find_jdk(None) / "bin/javac"
    subprocess.run([javac, "-Werror", "-Xlint:all", "-d", folder / "classes", HERE / "Probe.java"], check=True)
    return folder


class Guest:
    """One QEMU with a guest in it."""

    def __init__(self, image, folder, name, *, memory=1024, root=True, append=""):
        self.began = time.monotonic()
        self.lines = queue.Queue()
        self.serial = folder / f"{name}.log"
        manifest = json.loads((image / "manifest.json").read_text())
        boot = manifest["boot"]
        self.control = folder / f"{name}.sock"
        # QEMU gets a socket that listens already, so nothing has to wait for it to make one.
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.control))
        listener.listen(1)
        cmdline = boot["cmdline"] if root else "reboot=t panic=-1"
        initrd = boot["initrd"] if root else "viper-initramfs.cpio.gz"
        disk = ["-drive", f"if=none,id=root,format=raw,readonly=on,file={image / boot['root']}",
                "-device", "virtio-blk-pci,drive=root"] if root else []
        self.process = subprocess.Popen([
            "qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max",
            "-smp", "2", "-m", str(memory), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", image / boot["kernel"], *(["-initrd", image / initrd] if initrd else []),
            "-append", f"console=ttyS0 {cmdline} {append}", "-serial", f"file:{self.serial}", *disk,
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=control,fd={listener.fileno()},server=on,wait=off",
            "-device", "virtserialport,chardev=control,name=viper.control",
            "-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile=,mac=0a:58:c0:a8:7f:05",
            "-device", "virtio-rng-pci"], stdin=subprocess.DEVNULL, pass_fds=[listener.fileno()])
        listener.close()
        self.connect()

    def connect(self):
        """Opens the channel, as a server does that takes a running guest over."""
        self.channel = socket.socket(socket.AF_UNIX)
        self.channel.connect(str(self.control))
        threading.Thread(target=self._read, args=[self.channel], daemon=True).start()

    def hang_up(self):
        self.channel.shutdown(socket.SHUT_RDWR)
        self.hears("")

    def _read(self, channel):
        with channel, channel.makefile(encoding="ascii") as stream:
            for line in stream:
                word, *pairs = line.split()
                values = {name: urllib.parse.unquote(value) for name, value in (pair.split("=", 1) for pair in pairs)}
                self.lines.put((time.monotonic() - self.began, word, values))
        self.lines.put((time.monotonic() - self.began, "", {}))

    def say(self, line):
        self.channel.sendall((line + "\n").encode("ascii"))

    def hears(self, wanted, **values):
        """The next message of that word with those values; what comes before it is passed over."""
        passed = []
        while True:
            try:
                at, word, told = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"{PATIENCE} s without {wanted} {values}; {passed}\n{self.tail()}") from None
            if word == wanted and values.items() <= told.items():
                print(f"  {at:6.1f} s  {word or 'hung up'} {told}", flush=True)
                return told
            passed.append((word, told))
            if word == "":
                raise AssertionError(f"the guest hung up before {wanted} {values}; {passed}\n{self.tail()}")

    def ends(self):
        status = self.process.wait(timeout=PATIENCE)
        assert status == 0, f"QEMU ended with {status}\n{self.tail()}"
        print(f"  {time.monotonic() - self.began:6.1f} s  QEMU ended with 0", flush=True)

    def tail(self):
        return "\n".join(self.serial.read_text(errors="replace").splitlines()[-40:]) if self.serial.exists() else ""

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def expect(told, **wanted):
    for name, value in wanted.items():
        assert told.get(name) == value, f"{name} is {told.get(name)}, not {value}: {told}"


def whole_life(start):
    """Booted, agent with its token as its own user, sandboxed Chrome as another, a new identity, power off."""
    guest = start("life", append="ip=10.0.2.15::10.0.2.2:255.255.255.0:probe:eth0:off:10.0.2.3")
    guest.say("hello id=1")
    guest.say("nonsense")
    guest.say("start id=2 token=secret%2d1 env.VIPER_NOTE=a%20b")
    expect(guest.hears("booted"), protocol="1", state="waiting", hostname="probe")
    expect(guest.hears("hello", id="1"), state="waiting")
    expect(guest.hears("error"), **{"for": "nonsense"})
    guest.hears("ok", id="2")
    expect(guest.hears("event", name="java"), uid="1001", token="secret-1", localhost="127.0.0.1",
           **{"writable-root": "false", "chrome-sees": "."})
    ready = guest.hears("ready")
    expect(ready, **{"chrome-uid": "1000"})
    assert "Chrome/" in ready["browser"], ready
    assert int(ready["zygotes"]) > 0, f"Chrome runs without its sandbox: {ready}"
    guest.say("start id=3")
    guest.hears("error", id="3")
    guest.say("identity id=4 address=192.168.127.9/24 gateway=192.168.127.1 mac=0a:58:c0:a8:7f:09 hostname=clone-9 "
              f"time={time.time():.6f} entropy={os.urandom(32).hex()} machine-id={os.urandom(16).hex()}")
    guest.hears("ok", id="4")
    again = guest.hears("ready", after="identity")
    assert "192.168.127.9/24" in again["address"] and again["name"] == "clone-9", again
    guest.say("identity id=5 address=nowhere")
    guest.hears("error", id="5")
    guest.say("half a line")
    guest.channel.sendall(b"and another")
    guest.hang_up()
    guest.connect()
    guest.say("\nhello id=6")
    # Greeted or answered: what it said while the one host followed the other is lost.
    expect(guest.hears("hello"), state="ready", hostname="clone-9")
    guest.hears("ready")
    guest.say("power-off id=7")
    guest.hears("ok", id="7")
    guest.ends()
    cmdline = guest.serial.read_text(errors="replace")
    assert "secret-1" not in cmdline, "the token is on the console"


def failing_agent(start):
    """An agent that ends is started again, less and less soon, and given up; the guest stays to be asked."""
    guest = start("failing")
    guest.say("start env.VIPER_PROBE_EXIT=7")
    for _ in range(5):
        assert "restart-ms" in guest.hears("agent-exited", exit="7")
    expect(guest.hears("agent-exited", exit="7"), state="failed")
    guest.say("hello")
    expect(guest.hears("hello"), state="failed")
    guest.say("power-off")
    guest.ends()


def self_contained(start):
    """The initramfs alone, without a disk: a command is run once, and the guest ends."""
    guest = start("initramfs", root=False, memory=2048, append='viper.run="/opt/java/bin/java -version"')
    guest.hears("booted")
    expect(guest.hears("agent-exited", exit="0"), state="stopped")
    guest.ends()
    assert "OpenJDK" in guest.tail(), guest.tail()


def unit(start):
    """What viper-init takes in, under the sanitizers on this machine."""
    done = subprocess.run(["make", "-C", IMAGES / "viper-init", "test"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print("  " + done.stdout.splitlines()[-2], flush=True)


def report(results):
    """In JUnit's form, where .ci/report.py counts."""
    suite = ElementTree.Element("testsuite", name="guest image")
    for name, failure in results.items():
        case = ElementTree.SubElement(suite, "testcase", classname="build.images.boot_test", name=name)
        if failure is not None:
            ElementTree.SubElement(case, "failure").text = str(failure)
    folder = IMAGES.parent / "target/surefire-reports"
    folder.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(folder / "TEST-guest-image.xml")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    tests = {test.__name__: test for test in (unit, whole_life, failing_agent, self_contained)}
    parser.add_argument("tests", nargs="*", metavar="TEST", help=", ".join(tests))
    parser.add_argument("--image", type=pathlib.Path, metavar="DIR",
                        help="an image with the probe for its agent, instead of one that is built now")
    arguments = parser.parse_args()
    image = arguments.image or CACHE / "boot-test"
    if arguments.image is None:
        subprocess.run([IMAGES / "build.py", "--agent", assemble_probe(), "--out", image], check=True)
    results = {}
    for name in arguments.tests or tests:
        print(f"{name}: {tests[name].__doc__}", flush=True)
        guests = []
        with tempfile.TemporaryDirectory() as folder:

            def start(*values, **options):
                guests.append(Guest(image, pathlib.Path(folder), *values, **options))
                return guests[-1]

            try:
                tests[name](start)
                results[name] = None
            except (AssertionError, OSError, subprocess.TimeoutExpired) as failure:
                results[name] = failure
                print(f"{name} FAILED: {failure}", flush=True)
            finally:
                for guest in guests:
                    guest.kill()
    report(results)
    failed = sum(failure is not None for failure in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
