# SPDX-License-Identifier: GPL-2.0-or-later
"""What `cmake --install` puts on a machine, and what systemd makes of it; and taking it away."""

import configparser
import os

import package
from case import equal, holds, prefix, test
from knocks import CLOSED, OPEN, knocking
from machine import Machine
from package import machine, open_port, ruleset, status

EXPOSURE = 42  # of 100, as `systemd-analyze security` counts what a service could do


def unit_of(made, folder):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    with open(made.path(folder, "lib/systemd/system/yettd.service"), encoding="utf-8") as file:
        unit.read_file(file)
    return unit


@test
def the_unit_starts_what_is_installed_beside_it():
    for folder in ("/usr", "/usr/local", "/opt/yett"):
        made = Machine(prefix("files"))
        try:
            made.make()
            package.install_files(made, folder)
            service = unit_of(made, folder)["Service"]
            for key, program in (("ExecStart", "sbin/yettd"), ("ExecReload", "bin/yett")):
                named = service[key].split()[0]
                equal(named, f"{folder}/{program}", f"{key} below {folder}")
                holds(os.access(made.path(named), os.X_OK), f"{named} is a program")
        finally:
            made.remove()


@test
def systemd_finds_nothing_wrong_and_little_exposed():
    with machine() as made:
        said = made.run("systemd-analyze", "verify", "--man=no", "yettd.service")
        equal((said.returncode, said.stdout + said.stderr), (0, ""), "systemd-analyze verify")
        security = ("systemd-analyze", "security", "--no-pager", "yettd.service")
        said = made.run(*security, f"--threshold={EXPOSURE}")
        equal(said.returncode, 0, said.stdout.strip().rpartition("\n")[2])
        equal(made.property("ActiveState"), "active", "yettd")
        equal(made.property("NRestarts"), "0", "restarts")


@test
def installed_without_a_ruleset_it_runs_and_lets_pass():
    with machine() as made, knocking(made) as knocks:
        equal(status(made)["attachments"], [], "attached")
        knocks.wait_for_more(OPEN)
        knocks.wait_for_more(CLOSED)


@test
def removed_it_leaves_nothing_behind():
    with machine(rules=ruleset(open_port(OPEN))) as made, knocking(made) as knocks:
        made.must("yett", "apply", "/etc/yett/rules.json")
        equal(len(status(made)["attachments"]), 2, "hooks")
        knocks.wait_for_more(OPEN)
        closed = knocks.came[CLOSED]
        equal(closed, 0, "knocks let in before")
        package.remove(made)
        knocks.wait_for_more(CLOSED)
        # Folders stay that say what was detached by hand; the kernel has files of its own there.
        pins = made.must("find", "/sys/fs/bpf", "-type", "f", "-not", "-name", "*.debug")
        equal(pins, "", "pins")
        links = made.must("ip", "-d", "link", "show", "eth0")
        holds("xdp" not in links, f"a program is attached: {links}")
        equal(made.must("tc", "filter", "show", "dev", "eth0", "egress"), "", "filters")
        left = made.run("systemctl", "status", "yettd")
        equal(left.returncode, 4, "systemctl status of a unit that is gone")
        left = made.must("find", "/usr", "/run", "-xdev", "-name", "*yett*")
        equal(left, "/run/yett\n", "files")
