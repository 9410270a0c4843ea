# SPDX-License-Identifier: GPL-2.0-or-later
""""inspect": what is inside a tunnel is judged by the same rules, one level deep."""

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from packets import IP, TCP, UDP, Ether, Raw
from test_reject import reason

# Loaded after packets, which keeps scapy quiet.
from scapy.contrib.geneve import GENEVE  # isort: skip
from scapy.layers.l2 import GRE  # isort: skip
from scapy.layers.vxlan import VXLAN  # isort: skip

CLOSED, OPEN = 22, 80
BOTH = [addresses.ATTACKER4, addresses.ATTACKER6]
PORTS = [4789, 6080, 6081]


def rules(**more):
    return {
        "version": 1,
        "name": "tunnels",
        "interfaces": ["eth0"],
        "policy": {"ingress": "drop", "egress": "pass"},
        "rules": [
            {"name": "closed", "match": {"proto": "tcp", "dport": CLOSED}, "action": "drop"},
            {"name": "open", "match": {"proto": "tcp", "dport": OPEN}, "action": "pass"},
            {"name": "udp", "match": {"proto": "udp", "dport": PORTS}, "action": "pass"},
            {"name": "ip", "match": {"src": BOTH}, "action": "pass"},
        ],
        **more,
    }


INSPECTED = {"inspect": ["ipip", "gre", "vxlan", "geneve", "gue"]}


def inner(target, port):
    source = "2001:db8:77::9" if ":" in target else "192.0.2.99"
    return packets.ip(source, target) / TCP(sport=40000, dport=port, flags="S")


def number(packet):
    return 41 if packet.name == "IPv6" else 4


def gue(packet):
    """Variant 0: no options, the number of what follows."""
    header = bytes([0, number(packet), 0, 0])
    return UDP(sport=7, dport=6080, chksum=0) / Raw(header + bytes(packet))


def frame(packet):
    """With both addresses: scapy would ask for those that are left out."""
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet


def set_proto(outer, value):
    setattr(outer, "nh" if outer.name == "IPv6" else "proto", value)
    return outer


# Each: what comes between the outer IP header and the inner packet.
TUNNELS = {
    "IP in IP": lambda p: p,
    "GRE": lambda p: GRE() / p,
    "GRE with key": lambda p: GRE(key_present=1, key=9) / p,
    "GRE of frames": lambda p: GRE(proto=0x6558) / frame(p),
    "VXLAN": lambda p: UDP(sport=7, dport=4789, chksum=0) / VXLAN(vni=5, flags=8) / frame(p),
    "Geneve": lambda p: UDP(sport=7, dport=6081, chksum=0) / GENEVE(vni=5) / frame(p),
    "GUE": gue,
}


def carried(outer, name, packet):
    made = outer.copy()
    if name == "IP in IP":
        set_proto(made, number(packet))
    return made / TUNNELS[name](packet)


@test
def rules_judge_what_is_inside_and_nested_tunnels_fall():
    with gate(servers=False, rules=rules(**INSPECTED)) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        outers = (
            packets.ip(addresses.ATTACKER4, addresses.C1_4),
            packets.ip(addresses.ATTACKER6, addresses.C1_6),
        )
        question = traffic.from_sources(addresses.ATTACKER4, addresses.ATTACKER6)
        witness = traffic.Witness(lab.name("c1"), "eth0", question)
        nested = packets.ip("192.0.2.98", addresses.C2_4) / inner(addresses.C2_4, OPEN)
        good = 0
        for outer in outers:
            for name in TUNNELS:
                for target in (addresses.C2_4, addresses.C2_6):
                    before = fates(yett)
                    sent = (inner(target, CLOSED), inner(target, OPEN), nested)
                    wire.packets(carried(outer, name, packet) for packet in sent)
                    wanted = {key: count + 1 for key, count in before.items()}
                    what = f"{name} over {outer.name} to {target}: dropped, passed, nested"
                    netns.wait_for(lambda: fates(yett) == wanted, what)
                    good += 1
        netns.wait_for(lambda: witness.count >= good, "what may pass arrives")
        equal(witness.stop(), good, "frames that arrived in c1")
        sums_hold(yett)


def fates(yett):
    """How many frames each of the three ends had."""
    counters = yett.counters()
    counts = {r["name"]: r["packets"] for r in counters["rules"] if r["name"] in ("closed", "open")}
    for item in counters["reasons"]:
        if (item["name"], item["direction"]) == ("tunnel", "ingress"):
            counts["nested"] = item["dropped"]["packets"]
    return {"nested": 0, **counts}


def lay_vxlan(lab):
    """A real VXLAN between the client and c1."""
    for node, own, peer, end in (
        ("client", addresses.CLIENT4, addresses.C1_4, 1),
        ("c1", addresses.C1_4, addresses.CLIENT4, 2),
    ):
        words = f"local {own} remote {peer} dstport 4789"
        made = f"link add vx0 type vxlan id 5 {words}\nlink set vx0 up\n"
        made += f"addr add 192.0.2.{128 + end}/30 dev vx0\n"
        made += f"addr add 2001:db8:77::{end}/64 dev vx0 nodad\n"
        netns.batch(lab.name(node), made)


INSIDE = ("192.0.2.130", "2001:db8:77::2")


@test
def a_client_in_a_real_vxlan_gets_what_the_rules_let_it_have():
    with gate(rules=rules(**INSPECTED)) as (lab, yett):
        lay_vxlan(lab)
        for target in INSIDE:
            equal(traffic.answer(lab.name("client"), target, OPEN), "served", target)
            equal(traffic.reach(lab.name("client"), target, CLOSED), "silence", target)
        holds(yett.rule_packets()["closed"] >= 2, "the rule counts")
        sums_hold(yett)
        yett.apply(rules())
        for target in INSIDE:
            what = f"{target}, when nobody looks inside"
            equal(traffic.answer(lab.name("client"), target, CLOSED), "served", what)


@test
def tunnels_that_nobody_inspects_fall_though_a_rule_passes_them():
    """IP in IP, GRE: an exception must say so, or a rule that names them; UDP is the rule's."""
    with gate(servers=False, rules=rules()) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        outer = IP(src=addresses.ATTACKER4, dst=addresses.C1_4)
        sent = [carried(outer, n, inner(addresses.C2_4, OPEN)) for n in list(TUNNELS)[:4]]
        before = reason(yett, "tunnel")[1]["packets"]
        wire.packets(sent)
        fell = lambda: reason(yett, "tunnel")[1]["packets"] - before  # noqa: E731
        netns.wait_for(lambda: fell() == len(sent), "all of them fall")
        yett.apply(rules(exceptions={"tunnel": "pass"}))
        before = yett.rule_packets()["ip"]
        wire.packets(sent)
        passed = lambda: yett.rule_packets()["ip"] - before  # noqa: E731
        netns.wait_for(lambda: passed() == len(sent), "the rule passes all of them")
        sums_hold(yett)
