# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots, crashes, restarts and upgrades, while somebody knocks: what was closed stays closed."""

import os
import signal

import netns
from case import equal, holds, test
from knocks import CLOSED, OPEN, knocking
from package import RULES, machine, open_port, ruleset, status
from yett import build_folder

BLOCKED = {"name": "blocked", "match": {"src": "@blocked"}, "action": "drop"}
SETS = {"blocked": {"type": "prefix"}}
CLOSED_BUT_ONE = ruleset(BLOCKED, open_port(OPEN), sets=SETS)


def running(rules=CLOSED_BUT_ONE):
    """A machine whose rules are applied."""
    return machine(rules=rules)


def prepare(made):
    made.must("yett", "apply", "/" + RULES)
    made.must("yett", "set", "add", "blocked", "203.0.113.0/24")


def entries(made):
    return made.must("yett", "-t", "set", "list", "blocked").split()[:1]


def monotonic(made, name, unit):
    return int(made.property(f"{name}TimestampMonotonic", unit))


def boots_closed(made):
    """Boots while somebody knocks: nothing comes in at the closed port, from the first frame on."""
    made.power_on()
    with knocking(made) as knocks:
        made.wait_until_up()
        knocks.wait_for_more(OPEN)
        equal(knocks.came[CLOSED], 0, "knocks let in at the closed port")
    ready = monotonic(made, "ActiveEnter", "yettd")
    up = monotonic(made, "InactiveExit", "network-up")
    holds(0 < ready < up, f"yettd is ready at {ready}, and the network comes up at {up}")
    equal(status(made)["ruleset"], "service", "ruleset")
    equal(entries(made), ["203.0.113.0/24"], "entries of the set")


@test
def it_boots_closed_after_a_shutdown_and_after_a_crash():
    with running() as made:
        prepare(made)
        made.shutdown()
        boots_closed(made)
        made.crash()
        boots_closed(made)


@test
def it_boots_with_the_file_alone():
    """A machine that was made from an image: the file is there, and no record yet."""
    with machine(rules=CLOSED_BUT_ONE, started=False) as made:
        made.shutdown()
        made.power_on()
        with knocking(made) as knocks:
            made.wait_until_up()
            knocks.wait_for_more(OPEN)
            equal(knocks.came[CLOSED], 0, "knocks let in at the closed port")
        equal(status(made)["ruleset"], "service", "ruleset")


@test
def it_boots_without_a_ruleset():
    with machine(started=False) as made:
        made.shutdown()
        made.power_on()
        with knocking(made) as knocks:
            made.wait_until_up()
            knocks.wait_for_more(CLOSED)
        equal(made.property("ActiveState"), "active", "yettd")


@test
def stopped_it_goes_on_filtering_and_is_adopted_when_it_starts():
    with running() as made, knocking(made) as knocks:
        prepare(made)
        generation = status(made)["generation"]
        before = knocks.came[CLOSED]
        made.must("systemctl", "stop", "yettd")
        knocks.wait_for_more(OPEN)
        equal(made.run("yett", "status").returncode, 4, "yett status of a stopped daemon")
        made.must("systemctl", "start", "yettd")
        knocks.wait_for_more(OPEN)
        now = status(made)
        equal((now["generation"], now["adopted"]), (generation, True), "generation, adopted")
        equal(knocks.came[CLOSED], before, "knocks let in at the closed port")


@test
def restarted_with_an_edited_file_it_keeps_what_was_in_force_and_says_so():
    with running() as made, knocking(made) as knocks:
        prepare(made)
        before = status(made)
        equal([text for text in before["warnings"] if "differs" in text], [], "warnings")
        made.write(RULES, CLOSED_BUT_ONE.replace(str(OPEN), str(CLOSED)))
        closed = knocks.came[CLOSED]
        made.must("systemctl", "restart", "yettd")
        knocks.wait_for_more(OPEN)
        now = status(made)
        equal(now["generation"], before["generation"], "generation")
        equal(knocks.came[CLOSED], closed, "knocks let in at the closed port")
        said = [text for text in now["warnings"] if RULES in text and "differs" in text]
        equal(len(said), 1, f"a warning that the file differs in {now['warnings']}")
        made.must("systemctl", "reload", "yettd")
        knocks.wait_for_more(CLOSED)
        equal([text for text in status(made)["warnings"] if "differs" in text], [], "warnings")


@test
def killed_it_is_started_again_and_nothing_comes_in():
    with running() as made, knocking(made) as knocks:
        prepare(made)
        before = knocks.came[CLOSED]
        for count in ("1", "2"):
            pid = made.property("MainPID")
            made.must("kill", f"-{signal.SIGKILL}", pid)
            again = lambda count=count: made.property("NRestarts") == count  # noqa: E731
            netns.wait_for(again, "a restart")
            active = lambda: made.property("ActiveState") == "active"  # noqa: E731
            netns.wait_for(active, "yettd is active")
        knocks.wait_for_more(OPEN)
        equal(status(made)["adopted"], True, "adopted")
        equal(knocks.came[CLOSED], before, "knocks let in at the closed port")


def of_another_build(program):
    """The program with objects for the kernel that differ in octets which mean nothing (the padding
    of their ELF identification), so that its build has another name."""
    at = count = 0
    program = bytearray(program)
    while (at := program.find(b"\x7fELF\x02\x01\x01", at)) >= 0:
        machine_of = int.from_bytes(program[at + 18 : at + 20], "little")
        if machine_of == 247:  # EM_BPF
            program[at + 15] ^= 1
            count += 1
        at += 4
    holds(count == 2, f"{count} objects for the kernel in yettd")
    return bytes(program)


def pinned_programs(made):
    return made.must("find", "/sys/fs/bpf/yett", "-path", "*/programs/*", "-type", "d").split()


@test
def upgraded_to_other_programs_nothing_comes_in():
    with open(os.path.join(build_folder(), "yettd"), "rb") as file:
        other = of_another_build(file.read())
    with running() as made, knocking(made) as knocks:
        prepare(made)
        generation, programs = status(made)["generation"], pinned_programs(made)
        before = knocks.came[CLOSED]
        new = made.path("usr/sbin/yettd.new")
        with open(new, "wb") as file:
            file.write(other)
        os.chmod(new, 0o755)
        os.rename(new, made.path("usr/sbin/yettd"))
        made.must("systemctl", "restart", "yettd")
        knocks.wait_for_more(OPEN)
        equal(knocks.came[CLOSED], before, "knocks let in at the closed port")
        equal(len(pinned_programs(made)), 1, "builds that are pinned")
        holds(pinned_programs(made) != programs, "the old build is still the one pinned")
        equal(status(made)["generation"], generation, "generation")
        equal(entries(made), ["203.0.113.0/24"], "entries of the set")
