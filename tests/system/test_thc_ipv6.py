# SPDX-License-Identifier: GPL-2.0-or-later
"""A second opinion: the bypass attempts of thc-ipv6 (Debian's package), against a port that a rule
drops and one that a rule passes."""

import os
import re
import subprocess

import lab as addresses
import netns
import traffic
from case import equal, gate, holds, sums_hold, test

CLOSED, OPEN = 22, 80
LONG = os.environ.get("YETT_MODE") == "long"
# A test without an answer takes the tool four seconds, or a busy machine somewhat more. Number 39
# of firewall6 asks from eleven source ports, and some of implementation6 do not end: those are cut
# short.
SECONDS, CUT_SHORT, LONGEST = 60, 60 if LONG else 10, 39
TRIES = 3
FIREWALL_TESTS = range(1, 40)
IMPLEMENTATION_TESTS = range(60)
FRAGMENTATION_TESTS = range(1, 34)
# The sane ones: options to ignore, few headers, an atomic fragment.
ANSWERED_BY_OPEN_PORT = (1, 2, 5, 6, 8, 10)
ANSWERED_PINGS = (0, 1, 5, 7, 12)


def rules(policy, **more):
    return {
        "version": 1,
        "name": f"thc-{policy}",
        "interfaces": ["eth0"],
        "policy": {"ingress": policy, "egress": "pass"},
        "rules": [
            {"name": "closed", "match": {"dport": CLOSED}, "action": "drop"},
            {"name": "echo", "match": {"proto": "icmpv6", "icmp_type": 128}, "action": "pass"},
            {"name": "open", "match": {"proto": "tcp", "dport": OPEN}, "action": "pass"},
        ],
        **more,
    }


def attack(lab, tool, tests, options=(), target=(addresses.C1_6,), seconds=SECONDS):
    """Runs each test of a tool by itself, all at once; gives what each said, by number."""
    command = netns.command(lab.name("attacker"), "timeout")
    running = {
        number: subprocess.Popen(
            [
                *command,
                str(CUT_SHORT if number == LONGEST else seconds),
                *(tool, *options, "eth0", *target, str(number)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in tests
    }
    return {number: process.communicate()[0] for number, process in running.items()}


def unanswered(lab, tool, tests, word, **more):
    """What those tests said that had no answer, told by a word. The tool's patience has an end: it
    asks again."""
    said = {number: "" for number in tests}
    for _ in range(TRIES):
        said = attack(lab, tool, said, seconds=CUT_SHORT, **more)
        said = {number: text for number, text in said.items() if word not in text}
    return said


def chain(frame):
    """Walks the extension headers of an IPv6 frame: ([(number, eight octets)], number and octets of
    what ends them). A fragment that is not the whole ends them, too."""
    kind, at, headers = frame[20], 54, []
    while kind in (0, 43, 44, 51, 60, 135) and len(frame) >= at + 8:
        headers.append((kind, frame[at : at + 8]))
        if kind == 44 and frame[at + 2 : at + 4] != b"\0\0":
            return headers, 44, frame[at:]
        length = 8 if kind == 44 else (frame[at + 1] + 2) * 4 if kind == 51 else 8
        if kind not in (44, 51):
            length = (frame[at + 1] + 1) * 8
        kind, at = frame[at], at + length
    return headers, kind, frame[at:]


def from_attacker(frame):
    return frame[12:14] == b"\x86\xdd" and frame[22:38] == netns.socket.inet_pton(
        netns.socket.AF_INET6, addresses.ATTACKER6
    )


def to_closed_port(frame):
    """A frame for the closed port: whatever stands before the TCP or UDP header."""
    if frame[12:14] != b"\x86\xdd":
        return False
    _, kind, rest = chain(frame)
    return kind in (6, 17) and rest[2:4] == CLOSED.to_bytes(2, "big")


def from_closed_port(frame):
    if frame[12:14] != b"\x86\xdd":
        return False
    _, kind, rest = chain(frame)
    return kind in (6, 17) and rest[:2] == CLOSED.to_bytes(2, "big")


def is_sane(frame):
    """What a careful gate lets through: no later fragment, few headers, no source route."""
    headers, _, _ = chain(frame)
    source_routes = [h for k, h in headers if k == 43 and h[2] == 0]
    return not is_later(frame) and len(headers) <= 16 and not source_routes


@test
def firewall6_reaches_no_closed_port_and_the_open_one_answers():
    for policy in ("drop", "pass"):
        with gate(rules=rules(policy)) as (lab, yett):
            arrived = traffic.Witness(lab.name("c1"), "eth0", to_closed_port)
            answered = traffic.Witness(lab.name("gate"), "c1", from_closed_port)
            said = attack(lab, "atk6-firewall6", FIREWALL_TESTS, (), (addresses.C1_6, str(CLOSED)))
            equal(len(said), len(FIREWALL_TESTS), "tests that ran")
            for number, text in said.items():
                holds(re.search(r"Test +\d", text), f"test {number} ran: {text[-200:]}")
                answer = "TCP" in text.partition("Test ")[2]
                holds(not answer, f"an answer to test {number}: {text}")
            equal(arrived.stop(), 0, f"frames for the closed port in c1, policy {policy}")
            equal(answered.stop(), 0, f"answers of the closed port, policy {policy}")
            holds(yett.rule_packets()["closed"] >= 10, "the rule counts what it could read")
            missing = unanswered(
                lab,
                "atk6-firewall6",
                ANSWERED_BY_OPEN_PORT,
                "TCP-SYN-ACK received",
                target=(addresses.C1_6, str(OPEN)),
            )
            equal(missing, {}, "tests that the open port does not answer")
            sums_hold(yett)


@test
def implementation6_gets_nothing_odd_through_and_sane_pings_are_answered():
    with gate(rules=rules("drop", fragments="drop")) as (lab, yett):
        question = lambda f: from_attacker(f) and not is_sane(f)  # noqa: E731
        odd = traffic.Witness(lab.name("c1"), "eth0", question, keep=5)
        tool = "atk6-implementation6"
        attack(lab, tool, IMPLEMENTATION_TESTS, ("-p",), seconds=CUT_SHORT)
        missing = unanswered(lab, tool, ANSWERED_PINGS, "PASSED", options=("-p",))
        equal(missing, {}, "tests that are not answered")
        odd.stop()
        equal([frame.hex()[:300] for frame in odd.frames], [], "odd frames that arrived")
        sums_hold(yett)
        yett.apply(rules("drop", fragments="track"))
        missing = unanswered(lab, tool, (11,), "PASSED", options=("-p",))
        equal(missing, {}, "real fragments that do not pass where they are tracked")


@test
def fragmentation6_gets_no_fragment_through_and_the_gate_stays_up():
    with gate(rules=rules("pass", fragments="drop")) as (lab, yett):
        question = lambda f: from_attacker(f) and is_later(f)  # noqa: E731
        later = traffic.Witness(lab.name("c1"), "eth0", question)
        said = attack(lab, "atk6-fragmentation6", FRAGMENTATION_TESTS, ("-p",))
        equal(len(said), len(FRAGMENTATION_TESTS), "tests that ran")
        equal(later.stop(), 0, "later fragments that arrived")
        equal(traffic.answer(lab.name("client"), addresses.C1_6, OPEN), "served", "the open port")
        sums_hold(yett)


def is_later(frame):
    _, kind, rest = chain(frame)
    return kind == 44 and int.from_bytes(rest[2:4], "big") & 0xFFF8 != 0


@test
def smurf6_gets_no_echo_from_all_nodes():
    with gate(servers=False, rules=rules("pass")) as (lab, yett):
        is_reply = lambda f: f[12:14] == b"\x86\xdd" and chain(f)[2][:1] == b"\x81"  # noqa: E731
        replies = traffic.Witness(lab.name("wire"), "gate", is_reply)
        command = ["timeout", "2", "atk6-smurf6", "eth0", addresses.CLIENT6]
        netns.run(lab.name("attacker"), *command, check=False)
        dropped = [
            item["dropped"]["packets"]
            for item in yett.counters()["reasons"]
            if (item["name"], item["direction"]) == ("echo_multicast", "ingress")
        ]
        holds(dropped and dropped[0] > 100, f"echo requests to all nodes are dropped: {dropped}")
        equal(replies.stop(), 0, "echo replies that left the gate")
        sums_hold(yett)
