# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest without a disk: an initrd of busybox, ip and our programs, and QEMU to interpret it."""

import os
import re
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
APPLETS = ("mount", "insmod", "poweroff", "usleep", "grep", "echo", "cat", "mkdir", "nsenter")
# The shell of busybox would take its own `ip`, which knows no veth.
SYSTEM_PROGRAMS = ("busybox", "dash", "ip")
MEMORY = "2048"


def _which(name):
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        raise RuntimeError(f"{name} is missing: see tests/packages")
    return found


def _libraries(program):
    """The shared libraries of a program, by ldd; a static one has none."""
    made = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", made.stdout)


class Initrd:
    """A folder that becomes an archive."""

    def __init__(self, folder):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("bin", "lib", "lib64", "modules", "proc", "sys", "dev", "run", "tmp", "var"):
            os.makedirs(os.path.join(folder, name))
        os.symlink("../run", os.path.join(folder, "var", "run"))
        for name in APPLETS:
            os.symlink("busybox", os.path.join(folder, "bin", name))
        for name in SYSTEM_PROGRAMS:
            self.program(_which(name))
        os.symlink("dash", os.path.join(folder, "bin", "sh"))
        shutil.copy(os.path.join(HERE, "init"), os.path.join(folder, "init"))

    def program(self, path):
        """A program with its libraries, without debug information."""
        made = os.path.join(self.folder, "bin", os.path.basename(path))
        shutil.copy(path, made)
        subprocess.run(["strip", "-g", made], check=True)
        for library in _libraries(path):
            place = "lib64" if "/ld-linux" in library else "lib"
            shutil.copy(library, os.path.join(self.folder, place, os.path.basename(library)))

    def write(self, name, content):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(content)

    def pack(self, archive):
        names = []
        for folder, folders, files in os.walk(self.folder):
            place = os.path.relpath(folder, self.folder)
            names += [os.path.join(place, name) for name in folders + files]
        with open(archive, "wb") as file:
            subprocess.run(
                [_which("busybox"), "cpio", "-o", "-H", "newc"],
                cwd=self.folder,
                input="\n".join(sorted(names)).encode(),
                stdout=file,
                stderr=subprocess.DEVNULL,
                check=True,
            )


def boot(image, archive, seconds, line_of):
    """Runs a kernel until it switches itself off, and gives each line of its console to `line_of`.

    False: it did not end in time. It is interpreted (TCG): hosts without KVM have it too."""
    words = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", MEMORY, "-smp", "1"]
    words += ["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio"]
    words += ["-no-reboot", "-nic", "none", "-kernel", image, "-initrd", archive]
    # no_timer_check: on a busy host the kernel may wait in vain for its first ticks, and panic.
    # rcu_expedited: each ruleset that the rows apply waits for grace periods, which take long here.
    options = "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off"
    words += ["-append", f"{options} rcupdate.rcu_expedited=1"]
    machine = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=sys.stderr
    )
    late = threading.Event()

    def stop():
        late.set()
        machine.kill()

    clock = threading.Timer(seconds, stop)
    clock.start()
    try:
        for line in machine.stdout:
            line_of(line.decode(errors="replace").rstrip())
        machine.wait()
    finally:
        clock.cancel()
        if machine.poll() is None:
            machine.kill()
            machine.wait()
    return not late.is_set()
