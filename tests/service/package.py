# SPDX-License-Identifier: GPL-2.0-or-later
"""What a package of yett does to a machine, until there is one: installs, enables, removes."""

import contextlib
import json
import os
import subprocess

import case
from machine import PEOPLE, Machine
from yett import build_folder

RULES = "etc/yett/rules.json"


def install_files(machine, prefix="/usr"):
    """`cmake --install`, to the machine's disk."""
    words = ["cmake", "--install", build_folder(), "--prefix", prefix]
    made = subprocess.run(
        words,
        env={**os.environ, "DESTDIR": machine.root},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {made.stderr or made.stdout}")


def install(machine):
    """On a machine that runs: what a package's scripts do, short of starting it."""
    install_files(machine)
    machine.write("etc/sysusers.d/people.conf", PEOPLE)
    machine.must("systemd-sysusers")
    machine.must("systemd-tmpfiles", "--create", "yett.conf")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "enable", "yettd")


def remove(machine):
    """What must be done to take it away: in this order, or the last of it filters for ever."""
    machine.must("systemctl", "disable", "--now", "yettd")
    machine.must("yett", "detach", "--all")
    with open(os.path.join(build_folder(), "install_manifest.txt"), encoding="utf-8") as files:
        for name in files.read().split():
            os.unlink(machine.path(name))
    os.rmdir(machine.path("usr/share/yett"))
    machine.must("systemctl", "daemon-reload")


def ruleset(*rules, policy="drop", **more):
    """A rule file for the machine's one interface, as text."""
    file = {"version": 1, "name": "service", "interfaces": ["eth0"], **more}
    file["policy"] = {"ingress": policy, "egress": "pass"}
    return json.dumps({**file, "rules": list(rules)}, indent=2)


def open_port(port, name=None):
    match = {"proto": "udp", "dport": port}
    return {"name": name or f"port-{port}", "match": match, "action": "pass"}


@contextlib.contextmanager
def machine(rules=None, started=True):
    """A machine with yett installed, and running unless it is not to be. `rules`: its rule file."""
    made = Machine(case.prefix("service"))
    try:
        made.make().boot()
        install(made)
        if rules is not None:
            made.write(RULES, rules)
        if started:
            made.must("systemctl", "start", "yettd")
        yield made
    except BaseException:
        _show_journal(made)
        raise
    finally:
        made.remove()


def _show_journal(made):
    """The last words of the daemon, before they go away with the machine."""
    with contextlib.suppress(Exception):
        for line in made.journal().splitlines()[-15:]:
            print(f"       yettd: {line}")


def yett(made, *words, user=None, stdin=None):
    """The command line, read: (exit code, stdout, stderr)."""
    done = made.run("yett", *words, user=user, stdin=stdin)
    return done.returncode, done.stdout, done.stderr


def status(made):
    """Read, whatever its exit code says of it."""
    return json.loads(made.run("yett", "-j", "status").stdout)
