# SPDX-License-Identifier: GPL-2.0-or-later
"""The off switch works whatever the daemon does: stopped, busy, dead; and stays off. Everything
else says within three seconds that nobody answers, and where packets are filtered meanwhile."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import lab as addresses
import netns
import traffic
import yett as yett_module
from case import equal, gate, holds, test
from test_attach import NO_SSH
from test_owner import filters
from test_pinned import attachments

LIMIT = 3.0 * float(os.environ.get("YETT_PATIENCE", "2"))  # 3 seconds, on a machine that is busy


@contextlib.contextmanager
def stopped(yett):
    os.kill(yett.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(yett.pid, signal.SIGCONT)


def timed(yett, *words):
    began = time.monotonic()
    made = yett.run(*words)
    return made, time.monotonic() - began


def is_open(lab):
    return traffic.answer(lab.name("client"), addresses.C1_4, 22, repeats=True) == "served"


def is_off(lab):
    return yett_module.program_ids(lab) == {} and filters(lab) == {}


FILL = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (6100, 6100))  # net.core.somaxconn is 4096
held = []
while len(held) < 6000:
    held.append(socket.socket(socket.AF_UNIX))
    held[-1].setblocking(False)
    try:
        held[-1].connect(sys.argv[1])
    except BlockingIOError:
        print("full", flush=True)
        sys.stdin.read()
        sys.exit()
"""


@contextlib.contextmanager
def full_backlog(yett):
    """Connections of a process of its own that wait to be accepted, until no more are taken."""
    words = [sys.executable, "-c", FILL, yett.socket]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as made:
        equal(made.stdout.readline(), "full\n", "the backlog")
        yield
        made.stdin.close()


@test
def detach_works_when_the_daemon_is_stopped_and_holds_when_it_goes_on():
    for full in (False, True):
        with gate(rules=NO_SSH) as (lab, yett):
            with stopped(yett), full_backlog(yett) if full else contextlib.nullcontext():
                made, took = timed(yett, "detach")
                equal(made.returncode, 0, f"exit code: {made.stderr}")
                holds(took < LIMIT, f"detach took {took:.1f} s, backlog full: {full}")
                holds("does not answer" in made.stderr, f"it says so: {made.stderr!r}")
                equal((is_off(lab), is_open(lab)), (True, True), "off, open")
            told = lambda: yett.ask("status")["warnings"]  # noqa: E731
            netns.wait_for(lambda: any("by hand" in text for text in told()), "the daemon knows")
            netns.batch(lab.name("gate"), "link add late0 type veth peer name late1\n")
            netns.wait_for(lambda: yett.ask("status")["uptime"] >= 0, "it answers")
            equal((is_off(lab), attachments(yett)), (True, []), "off, attachments when it goes on")
            yett.kill()
            equal(is_open(lab), True, "open without a daemon")
            yett.start()
            equal((is_off(lab), is_open(lab)), (True, True), "off, open after a restart")
            yett.apply(NO_SSH)
            equal(len(attachments(yett)), 2, "attachments after an apply")


@test
def a_daemon_that_is_killed_after_it_was_passed_over_leaves_no_packet_dropped():
    with gate(rules=NO_SSH) as (lab, yett):
        os.kill(yett.pid, signal.SIGSTOP)
        yett.cli("detach")
        yett.kill()
        equal((is_off(lab), is_open(lab)), (True, True), "off, open")
        for node, target in (("client", addresses.C1_6), ("gate", addresses.C1_4)):
            equal(traffic.answer(lab.name(node), target, 80), "served", f"{node} to {target}")
        yett.cli("detach")
        yett.start()
        equal(attachments(yett), [], "attachments after a start")


@test
def one_interface_is_detached_past_a_stopped_daemon():
    with gate(servers=False, rules={**NO_SSH, "interfaces": ["eth0", "c1"]}) as (lab, yett):
        with stopped(yett):
            equal(yett.run("detach", "c2").returncode, 1, "c2 is not attached")
            equal(yett.run("detach", "c1").returncode, 0, "c1")
            equal(set(yett_module.program_ids(lab)), {"eth0"}, "attached")
        left = lambda: {item["interface"] for item in attachments(yett)}  # noqa: E731
        netns.wait_for(lambda: yett.ask("status")["warnings"], "the daemon knows")
        equal(left(), {"eth0"}, "attached when it goes on")


@test
def every_verb_says_in_time_that_nobody_answers_and_where_packets_are_filtered():
    verbs = (["status"], ["show", "rules"], ["counters"], ["set", "list"],
             ["set", "add", "nosuch", "192.0.2.1"], ["attach", "eth0"], ["trace", "arp"])
    where = "filtering goes on at eth0 (ingress, egress)"
    with gate(servers=False, rules=NO_SSH) as (lab, yett):
        with stopped(yett):
            for verb in verbs:
                made, took = timed(yett, *verb)
                equal(made.returncode, 8, f"exit code of {verb}: {made.stderr}")
                holds(where in made.stderr and "stopped" in made.stderr, f"{verb}: {made.stderr}")
                holds(took < LIMIT, f"{verb} took {took:.1f} s")
        yett.kill()
        for verb in verbs:
            made = yett.run(*verb)
            equal(made.returncode, 4, f"exit code of {verb}: {made.stderr}")
            holds(where in made.stderr, f"{verb}: {made.stderr}")
        yett.cli("detach")
        holds("no packet is filtered" in yett.run("status").stderr, "status says that it is off")


@test
def an_empty_argument_switches_nothing_off():
    with gate(servers=False, rules=NO_SSH) as (lab, yett):
        for words in (["detach", ""], ["detach", " "], ["detach", "eth0", "--direction", ""],
                      ["detach", "--direction=", "eth0"]):
            made = yett.run(*words)
            equal(made.returncode, 2, f"exit code of {words}: {made.stdout}")
            holds("empty" in made.stderr, f"{words}: {made.stderr!r}")
        equal(len(attachments(yett)), 2, "attachments")


@test
def a_detach_that_finds_nothing_changes_nothing():
    rules = {**NO_SSH, "interfaces": ["eth0", "late0"]}
    with gate(servers=False, rules=rules) as (lab, yett):
        equal(yett.run("detach", "late0").returncode, 1, "late0 does not exist")
        netns.batch(lab.name("gate"), "link add late0 type veth peer name late1\n")
        there = lambda: {item["interface"] for item in attachments(yett)}  # noqa: E731
        netns.wait_for(lambda: there() == {"eth0", "late0"}, "late0 is attached when it comes")
