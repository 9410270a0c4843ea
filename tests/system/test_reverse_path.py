# SPDX-License-Identifier: GPL-2.0-or-later
"""The reverse path check: sources that this host would not answer by the way they came."""

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, sums_hold, test
from test_reject import reason

# (source, dropped when loose, dropped when strict). eth0 leads to the attacker's networks; c2 has a
# link of its own; nobody has a way to the third; the fourth is the gate itself.
SOURCES = (
    (addresses.ATTACKER4, False, False),
    (addresses.C2_4, False, True),
    ("198.51.100.200", True, True),
    (addresses.GATE4, True, True),
    (addresses.ATTACKER6, False, False),
    (addresses.C2_6, False, True),
    ("2001:db8:ffff::1", True, True),
    (addresses.GATE6, True, True),
)


def rules(how):
    return {
        "version": 1,
        "name": f"reverse-{how}",
        "interfaces": ["eth0"],
        "policy": {"ingress": "pass", "egress": "pass"},
        "reverse_path": how,
        "exceptions": {"own_address": "pass"},  # test_own_address: here the routes are asked
        "rules": [{"name": "probe", "match": {"proto": "udp", "dport": 5000}, "action": "pass"}],
    }


def target_of(source):
    return addresses.C1_6 if ":" in source else addresses.C1_4


def falls(yett, wire, source):
    """Sends one datagram from that source: true when the check drops it, false when the rule passes
    it."""
    before = reason(yett, "reverse_path")[1]["packets"], yett.rule_packets()["probe"]
    wire.packets([packets.udp(source, target_of(source), 7, 5000)])

    def moved():
        now = reason(yett, "reverse_path")[1]["packets"], yett.rule_packets()["probe"]
        return (now[0] - before[0], now[1] - before[1]) if now != before else None

    step = netns.wait_for(moved, f"a datagram from {source} is judged")
    equal(sum(step), 1, f"counts that moved for {source}")
    return step[0] == 1


@test
def loose_and_strict_hold_what_they_say():
    with gate(servers=False, rules=rules("off")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for how, column in (("off", 0), ("loose", 1), ("strict", 2)):
            yett.apply(rules(how))
            for line in SOURCES:
                wanted = column > 0 and line[column]
                equal(falls(yett, wire, line[0]), wanted, f"{how}: {line[0]} falls")
        sums_hold(yett)


@test
def what_falls_does_not_reach_the_container():
    with gate(servers=False, rules=rules("strict")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        bad = [line[0] for line in SOURCES if line[2]]
        witness = traffic.Witness(lab.name("c1"), "eth0", traffic.from_sources(*bad))
        good = traffic.Witness(lab.name("c1"), "eth0", traffic.from_sources(addresses.ATTACKER4))
        for source in (*bad, addresses.ATTACKER4):
            falls(yett, wire, source)
        netns.wait_for(lambda: good.count >= 1, "an honest source arrives")
        good.stop()
        equal(witness.stop(), 0, f"frames from {bad} that arrived")


@test
def the_client_is_served_under_strict_and_an_interface_that_does_not_forward_says_so():
    with gate(rules=rules("strict")) as (lab, yett):
        for target in (addresses.C1_4, addresses.C1_6, addresses.GATE4, addresses.GATE6):
            equal(traffic.answer(lab.name("client"), target, 80), "served", target)
        equal(reason(yett, "reverse_path")[1]["packets"], 0, "nothing honest fell")
        netns.sysctl(lab.name("gate"), "net.ipv4.conf.eth0.forwarding=0")
        equal(traffic.answer(lab.name("client"), addresses.GATE4, 80), "served", "the gate itself")
        passed = reason(yett, "reverse_path")[0]["packets"]
        equal(passed > 0, True, "what could not be asked is counted as passed under its reason")
