# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces: made, entered, and taken away. Needs root."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def path(name):
    return f"/run/netns/{name}"


def exists(name):
    return os.path.exists(path(name))


def command(name, *words):
    """The words that run a command inside; `ip netns exec` would hide the pins of bpffs."""
    return ["nsenter", f"--net={path(name)}", "--", *words]


def run(name, *words, stdin=None, check=True):
    """Runs a command inside and gives what it printed; a failure raises with its own words."""
    made = subprocess.run(
        command(name, *words) if name else list(words),
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and made.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {(made.stderr or made.stdout).strip()}")
    return made.stdout


def batch(name, text, tool="ip"):
    """Runs lines of `ip` (or `tc`) inside; the first that fails raises."""
    run(name, tool, "-batch", "-", stdin=text)


def add(*names):
    """A signal waits until a namespace stands: what is half made is not found and taken away."""
    stopping = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    for name in names:
        signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
        try:
            run(None, "ip", "netns", "add", name)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping)
        run(name, "ip", "link", "set", "lo", "up")


def delete(*names):
    """Takes the namespaces away, where they exist. What is inside goes with them."""
    for name in names:
        if exists(name):
            run(None, "ip", "netns", "delete", name, check=False)


def sysctl(name, *settings):
    """Settings as "net.ipv4.ip_forward=1"."""
    run(name, "sysctl", "-q", "-w", *settings)


@contextlib.contextmanager
def inside(name):
    """This thread is in the namespace. A socket made here stays there."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(path(name), os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {name}")
        try:
            yield
        finally:
            if _libc.setns(before, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot return to the first namespace")
    finally:
        os.close(there)
        os.close(before)


def open_socket(name, *arguments):
    """A socket that lives inside the namespace."""
    with inside(name):
        return socket.socket(*arguments)


def raw_socket(name, interface):
    """Sends and receives whole frames on one interface."""
    with inside(name):
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        made.bind((interface, 0))
    return made


def mac(name, interface):
    words = run(name, "ip", "-o", "link", "show", interface).split()
    return words[words.index("link/ether") + 1]


def wait_for(question, what, seconds=30.0, pause=0.02):
    """Asks until the answer is true, and gives it. For what sends no event. The time is for a busy
    machine: what is there at once costs none of it."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(pause)
