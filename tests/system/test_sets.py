# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets of MAC addresses and of interfaces, as an operator changes them while packets flow."""

import json
import os

import lab as addresses
import netns
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test

LATE_GATE, LATE_PEER = "198.51.100.129", "198.51.100.130"


def rules(**more):
    return {
        "version": 1,
        "name": "link-sets",
        "interfaces": ["eth0"],
        "sets": {"strangers": {"type": "mac"}, "inside": {"type": "iface"}},
        "rules": [
            {"name": "no-strangers", "match": {"smac": "@strangers"}, "action": "drop"},
            {
                "name": "no-inside",
                "match": {"iface": "@inside", "direction": "ingress", "proto": "tcp"},
                "action": "drop",
            },
        ],
        **more,
    }


# The most that sets hold; otherwise enough to make a table grow a few times.
HOSTS = 16_000_000 if os.environ.get("YETT_MODE") == "long" else 300_000


def reaches(lab, wanted, what, target=addresses.C1_4):
    """What client and attacker get from port 80; who is to be served may wait for it."""
    for node, answer in zip(("client", "attacker"), wanted):
        wait = traffic.answer if answer == "served" else traffic.reach
        equal(wait(lab.name(node), target, 80), answer, f"{what}: {node}")


@test
def a_sender_is_shut_out_by_its_mac_address_and_stays_so_over_a_crash():
    with gate(rules=rules()) as (lab, yett):
        mac = netns.mac(lab.name("attacker"), "eth0")
        reaches(lab, ["served", "served"], "before")
        yett.cli("set", "add", "strangers", mac, "--reason", "plugged in")
        for target in (addresses.C1_4, addresses.C1_6):
            reaches(lab, ["served", "silence"], target, target)
        equal(yett.run("set", "test", "strangers", mac).returncode, 0, "set test")
        counted = yett.rule_packets()["no-strangers"]
        holds(counted > 0, "the rule counts")
        yett.kill()
        reaches(lab, ["served", "silence"], "without a daemon")
        yett.start()
        entries = yett.ask("set", "list", "strangers")["entries"]
        equal([(e["value"], e["reason"]) for e in entries], [(mac, "plugged in")], "listed")
        yett.cli("set", "del", "strangers", mac)
        reaches(lab, ["served", "served"], "freed")
        vendor = f"{mac[:8]}:00:00:00/24"
        yett.cli("set", "import", "strangers", "-", "--timeout", "600", stdin=f"{vendor} # all\n")
        both = netns.mac(lab.name("client"), "eth0")[:8] == mac[:8]
        reaches(lab, ["silence" if both else "served", "silence"], "a prefix of vendors")
        equal(yett.cli("set", "export", "strangers", "--plain"), vendor + "\n", "exported")
        yett.cli("set", "replace", "strangers", "-", stdin="02:00:5e:10:00:01\n")
        reaches(lab, ["served", "served"], "replaced")
        yett.cli("set", "flush", "strangers")
        sums_hold(yett)


@test
def a_set_of_interfaces_holds_one_that_comes_later_and_comes_again():
    with gate(rules=rules()) as (lab, yett):
        yett.cli("set", "add", "inside", "late0")
        reaches(lab, ["served", "served"], "eth0 is not inside")
        programs = yett_module.program_ids(lab)
        for _ in range(2):  # the second time under another index
            lab._link("gate", "late0", "attacker", "late1")
            lab._address("gate", f"{LATE_GATE}/25", interface="late0")
            lab._address("attacker", f"{LATE_PEER}/25", interface="late1")
            yett.cli("attach", "late0")
            equal(traffic.reach(lab.name("attacker"), LATE_GATE, 80), "silence", "inside")
            yett.cli("set", "del", "inside", "late0")
            equal(traffic.answer(lab.name("attacker"), LATE_GATE, 80), "served", "not inside")
            yett.cli("set", "add", "inside", "late0")
            equal(traffic.reach(lab.name("attacker"), LATE_GATE, 80), "silence", "inside again")
            reaches(lab, ["served", "served"], "eth0")
            netns.run(lab.name("gate"), "ip", "link", "del", "late0")
        yett.cli("set", "add", "inside", "eth0")
        reaches(lab, ["silence", "silence"], "eth0 is inside")
        yett.apply(rules(name="another"))
        reaches(lab, ["silence", "silence"], "a reload keeps what was added")
        yett.kill()
        yett.start()
        reaches(lab, ["silence", "silence"], "after a restart")
        yett.cli("set", "flush", "inside")
        reaches(lab, ["served", "served"], "flushed")
        equal(yett_module.program_ids(lab), programs, "XDP programs")
        refused = yett.run("set", "add", "inside", "a/b")
        equal(refused.returncode, 2, "no name of an interface")
        answer = json.loads(yett.run("-j", "set", "add", "inside", "eth0", "--timeout", "9").stdout)
        equal(answer["detail"], "entries of a set of interfaces do not expire", "a timeout")


def host(number):
    """Different for different numbers below 2^24, all over 10.0.0.0/8."""
    number = number * 0x9E3779B1 & 0xFFFFFF
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


@test
def a_set_holds_as_many_hosts_as_sets_may_have():
    blocked = {"name": "blocked", "match": {"src": "@hosts"}, "action": "drop"}
    with gate(started=False) as (lab, yett):
        yett.start(more=("--set-memory", "1024"))
        yett.apply({"version": 1, "name": "many", "interfaces": ["eth0"],
                    "sets": {"hosts": {"type": "prefix"}}, "rules": [blocked]})
        path = os.path.join(lab.work, "hosts.txt")
        with open(path, "w", encoding="ascii") as file:
            for first in range(0, HOSTS - 1, 100_000):
                last = min(first + 100_000, HOSTS - 1)
                file.write("".join(f"{host(n)}\n" for n in range(first, last)))
            file.write(f"{addresses.ATTACKER4}\n")
        reaches(lab, ["served", "served"], "before")
        yett.cli("set", "import", "hosts", path)
        reaches(lab, ["served", "silence"], "with the list")
        for number in (0, 1, HOSTS // 2, HOSTS - 2):
            equal(yett.run("set", "test", "hosts", host(number)).returncode, 0, host(number))
        equal(yett.run("set", "test", "hosts", host(HOSTS)).returncode, 1, "not on the list")
        yett.kill()
        reaches(lab, ["served", "silence"], "without a daemon")
        yett.start(seconds=120.0, more=("--set-memory", "1024"))
        yett.cli("set", "del", "hosts", addresses.ATTACKER4)
        reaches(lab, ["served", "served"], "taken off the list")
        equal(yett.run("set", "test", "hosts", host(7)).returncode, 0, "still on the list")
