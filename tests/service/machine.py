# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine to install yett on: an overlay of this host's files, with systemd as process 1.

Its mounts live in a mount namespace of this process, so they go with it. A boot gives it new
namespaces for processes, mounts, cgroups, names, IPC and the network, a new bpffs and a new /run;
what was written to the disk stays, as on any machine."""

import contextlib
import ctypes
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import lab
import netns

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNS = 0x00020000
PATIENCE = 60.0
_libc = ctypes.CDLL(None, use_errno=True)

# Of what the host would start, a machine that tests a firewall needs these alone.
NEEDED = ("systemd-journald.service", "systemd-sysusers.service", "systemd-tmpfiles-setup.service")
WANTS = ("sysinit.target", "multi-user.target", "timers.target", "sockets.target", "getty.target")
SPARED = ("systemd-journald.socket", "systemd-journald-dev-log.socket")

# The interface comes up where distributions bring it up: behind network-pre.target.
NETWORK = """[Unit]
DefaultDependencies=no
After=network-pre.target
Before=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/ip address add {address} dev eth0
ExecStart=/usr/sbin/ip link set eth0 up
"""
PEOPLE = """u keeper - "may change the firewall"
u watcher - "may look at it"
m keeper yett
m watcher yett-ro
"""
# Nothing of the runner's own.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
HOST, PEER = "192.0.2.7", "192.0.2.1"


def keep_mounts_to_ourselves():
    """From here on, what this process mounts is seen by it and its children alone."""
    if _libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace")
    netns.run(None, "mount", "--make-rprivate", "/")


class Machine:
    """Stands from make() to remove(); runs from boot() to shutdown() or crash()."""

    def __init__(self, name):
        self.name = name
        self.work = self.root = self.cgroup = None
        self.process = self.first = None
        self.net, self.outside = f"{name}-host", f"{name}-peer"

    # -- its disk

    def make(self):
        self.work = tempfile.mkdtemp(prefix=f"{self.name}-")
        netns.run(None, "mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", self.work)
        for folder in ("upper", "work", "root", "cgroups"):
            os.mkdir(os.path.join(self.work, folder))
        self.root = os.path.join(self.work, "root")
        options = f"lowerdir=/,upperdir={self.work}/upper,workdir={self.work}/work"
        netns.run(None, "mount", "-t", "overlay", "-o", options, "overlay", self.root)
        self._forget_the_host()
        self._place_for_cgroups()
        return self

    def _forget_the_host(self):
        """Neither its services nor a yett that is installed there."""
        for path in ("etc/systemd/system", "etc/yett", "var/lib/yett", "usr/share/yett"):
            shutil.rmtree(self.path(path), ignore_errors=True)
        programs = ("usr/*bin/yett*", "usr/local/*bin/yett*")
        for pattern in ("etc/fstab", "usr/lib/*/system/yett*", *programs):
            for path in glob.glob(self.path(pattern)):
                os.unlink(path)
        os.makedirs(self.path("etc/systemd/system"))
        for target in WANTS:
            for path in glob.glob(f"/lib/systemd/system/{target}.wants/*"):
                name = os.path.basename(path)
                if name not in NEEDED + SPARED and not name.endswith(".target"):
                    os.symlink("/dev/null", self.path("etc/systemd/system", name))
        self.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self.write("etc/systemd/journald.conf", "[Journal]\nStorage=volatile\n")
        self.write("etc/systemd/system/network-up.service", NETWORK.format(address=f"{HOST}/24"))
        wants = self.path("etc/systemd/system/multi-user.target.wants")
        os.makedirs(wants)
        os.symlink("../network-up.service", os.path.join(wants, "network-up.service"))

    def _place_for_cgroups(self):
        top = os.path.join(self.work, "cgroups")
        netns.run(None, "mount", "-t", "cgroup2", "cgroup2", top)
        with open("/proc/self/cgroup", encoding="ascii") as file:
            own = next(line[3:].strip() for line in file if line.startswith("0::"))
        self.cgroup = os.path.join(top, own.lstrip("/"), self.name)
        os.mkdir(self.cgroup)

    def path(self, *names):
        """Of a file of the machine, as this process sees it."""
        return os.path.join(self.root, *(name.lstrip("/") for name in names))

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def remove(self):
        """Ends it and takes everything away. Can be repeated."""
        self.crash()
        if self.cgroup:
            for folder, _, _ in os.walk(self.cgroup, topdown=False):
                netns.wait_for(lambda folder=folder: self._removed(folder), folder)
        if self.work:
            for part in ("cgroups", "root", ""):
                netns.run(None, "umount", "-l", os.path.join(self.work, part), check=False)
            os.rmdir(self.work)
        self.work = self.cgroup = None

    @staticmethod
    def _removed(folder):
        """A cgroup goes as soon as the last of its processes is gone for good."""
        with contextlib.suppress(OSError):
            os.rmdir(folder)
        return not os.path.exists(folder)

    # -- its power switch

    def boot(self):
        """Returns when systemd says that it is up; its interface has been up for a while then."""
        self.power_on()
        self.wait_until_up()
        return self

    def power_on(self):
        """The same without waiting. eth0 is there, and down."""
        netns.delete(self.net, self.outside)
        netns.add(self.net, self.outside)
        ends = ["eth0", "netns", self.net, "type", "veth", "peer", "name", "eth0"]
        netns.run(None, "ip", "link", "add", *ends, "netns", self.outside)
        netns.batch(self.outside, f"addr add {PEER}/24 dev eth0\nlink set eth0 up\n")
        if os.path.lexists(self.path("notify")):
            os.unlink(self.path("notify"))
        self.up = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.up.bind(self.path("notify"))
        spaces = ["--mount", "--pid", "--fork", "--cgroup", "--uts", "--ipc"]
        words = ["nsenter", f"--net={netns.path(self.net)}", "--", "unshare", *spaces]
        words += ["--kill-child", "--propagation", "private", "--", f"{HERE}/enter", self.root]
        with open(os.path.join(self.work, "console"), "ab") as console:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                preexec_fn=self._enter_cgroup,
            )
        self.first = netns.wait_for(self._first_process, "the first process")

    def _enter_cgroup(self):
        with open(os.path.join(self.cgroup, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write("0")

    def _first_process(self):
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
        return (int(children[0]), lab.start_time(int(children[0]))) if children else None

    def wait_until_up(self, seconds=PATIENCE):
        self.up.settimeout(0.2)
        netns.wait_for(self._is_up, "systemd is up", seconds)
        # It would say on how it is, and wait for ever where nobody listens any more.
        self.up.close()

    def _is_up(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.work, "console"), encoding="utf-8") as console:
                raise RuntimeError(f"the machine did not boot:\n{console.read()}")
        with contextlib.suppress(TimeoutError):
            return b"READY=1" in self.up.recv(4096)
        return False

    def shutdown(self):
        """As an operator does it: services are stopped, then it is off."""
        self.run("systemctl", "--no-block", "poweroff")
        self.process.wait(PATIENCE)
        self._off()

    def crash(self):
        """The power goes."""
        if self.process:
            if self.first and lab.start_time(self.first[0]) == self.first[1]:
                os.kill(self.first[0], signal.SIGKILL)
            self.process.wait(PATIENCE)
        self._off()

    def _off(self):
        if self.process:
            self.up.close()
        self.process = self.first = None
        netns.delete(self.net, self.outside)

    # -- what is done on it

    def run(self, *words, user=None, stdin=None):
        """Runs a command on it, whatever comes of it; `user` is one of its own."""
        return subprocess.run(
            self._command(words, user),
            env=ENVIRONMENT,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def spawn(self, *words, user=None):
        """Starts a command on it, with pipes. It ends with the machine at the latest."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self._command(words, user), env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True
        )

    def _command(self, words, user):
        spaces = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup")
        enter = ["nsenter", "--target", str(self.first[0]), *spaces, "--"]
        if user:
            ids = (f"--reuid={user}", f"--regid={self._group_of(user)}", "--init-groups")
            enter += ["setpriv", *ids, "--"]
        return [*enter, *words]

    def _group_of(self, user):
        with open(self.path("etc/passwd"), encoding="utf-8") as file:
            return next(line.split(":")[3] for line in file if line.startswith(f"{user}:"))

    def must(self, *words, **options):
        """Gives what it printed; anything but exit code 0 raises."""
        made = self.run(*words, **options)
        if made.returncode != 0:
            said = (made.stderr or made.stdout).strip()
            raise RuntimeError(f"{' '.join(words)}: exit code {made.returncode}: {said}")
        return made.stdout

    def journal(self, unit="yettd"):
        return self.must("journalctl", "--unit", unit, "--output", "cat", "--no-pager")

    def property(self, name, unit="yettd"):
        return self.must("systemctl", "show", "--value", "--property", name, unit).strip()
