# SPDX-License-Identifier: GPL-2.0-or-later
"""A packet from outside whose source is the gate itself falls, as addresses come and go."""

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, sums_hold, test

LATER4, LATER6 = "198.51.100.77", "2001:db8:2::77"
RULES = {
    "version": 1,
    "name": "own",
    "interfaces": ["eth0"],
    "policy": {"ingress": "pass", "egress": "pass"},
    "rules": [{"name": "probe", "match": {"proto": "udp", "dport": 5000}, "action": "pass"}],
}


def fallen(yett, name="own_address"):
    for item in yett.counters()["reasons"]:
        if (item["name"], item["direction"]) == (name, "ingress"):
            return item["dropped"]["packets"]
    return 0


def falls(yett, wire, source):
    """Sends one datagram from that source: true when it falls as our own, false when it passes."""
    target = addresses.C1_6 if ":" in source else addresses.C1_4
    before = fallen(yett), yett.rule_packets()["probe"]
    wire.packets([packets.udp(source, target, 7, 5000)])

    def moved():
        now = fallen(yett), yett.rule_packets()["probe"]
        return (now[0] - before[0], now[1] - before[1]) if now != before else None

    step = netns.wait_for(moved, f"a datagram from {source} is judged")
    equal(sum(step), 1, f"counts that moved for {source}")
    return step[0] == 1


@test
def who_says_that_it_is_the_gate_falls_and_its_neighbours_do_not():
    with gate(servers=False, rules=RULES) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for source in (addresses.GATE4, addresses.GATE6):
            equal(falls(yett, wire, source), True, source)
        for source in (addresses.ATTACKER4, addresses.ATTACKER6, addresses.C1_4, addresses.C1_6):
            equal(falls(yett, wire, source), False, source)
        yett.apply({**RULES, "exceptions": {"own_address": "pass"}})
        equal(falls(yett, wire, addresses.GATE4), False, "excepted")
        sums_hold(yett)


@test
def a_gate_whose_addresses_have_no_broadcast_address_answers():
    with gate(servers=False, rules=RULES) as (lab, yett):
        for target in ("192.0.2.1", "2001:db8:1::1"):
            equal(traffic.pings(lab.name("client"), target), True, f"{target} answers")
        equal(fallen(yett, "echo_multicast"), 0, "echo requests taken for broadcasts")


@test
def addresses_that_come_and_go_are_followed():
    with gate(servers=False, rules=RULES) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for source, size in ((LATER4, 32), (LATER6, 128)):
            equal(falls(yett, wire, source), False, f"{source} is not ours yet")
            for change, ours in (("add", True), ("del", False)):
                netns.run(lab.name("gate"), "ip", "addr", change, f"{source}/{size}", "dev", "lo")
                question = f"{source} after {change}"
                netns.wait_for(lambda s=source, o=ours: falls(yett, wire, s) == o, question)
        equal(traffic.answer(lab.name("client"), addresses.GATE4, 9), "refused", "others still do")


@test
def a_link_local_address_is_own_on_its_link_alone():
    """fe80::1 on one side of a router is what the router on its other side often has, too."""
    with gate(servers=False, rules=RULES) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        name, local = lab.name("gate"), "fe80::77"
        netns.run(name, "ip", "addr", "add", f"{local}/64", "dev", "c1", "nodad")
        netns.run(name, "ip", "addr", "add", f"{LATER6}/128", "dev", "lo")
        netns.wait_for(lambda: falls(yett, wire, LATER6), "both are known")
        equal(falls(yett, wire, local), False, "on eth0 it is another's")
        netns.run(name, "ip", "addr", "add", f"{local}/64", "dev", "eth0", "nodad")
        netns.wait_for(lambda: falls(yett, wire, local), "ours on eth0, too")


@test
def an_own_address_inside_an_inspected_tunnel_falls():
    rules = {**RULES, "inspect": ["ipip"], "exceptions": {"martian": "pass"}}
    with gate(servers=False, rules=rules) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for source, ours in ((addresses.GATE4, True), (addresses.CLIENT4, False)):
            inner = packets.udp(source, addresses.C1_4, 7, 5000)
            before = fallen(yett), yett.rule_packets()["probe"]
            wire.packets([packets.ip(addresses.ATTACKER4, addresses.GATE4) / inner])
            now = lambda: (fallen(yett), yett.rule_packets()["probe"])  # noqa: E731
            netns.wait_for(lambda b=before: now() != b, f"a packet from {source} is judged")
            equal(now()[0] - before[0], int(ours), f"{source} inside")
