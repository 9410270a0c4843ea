# SPDX-License-Identifier: GPL-2.0-or-later
"""The link itself under a default drop: neighbours are found, forged ones are not heard, and what
leaves past the egress hook is known."""


import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from packets import ICMP, UDP, Ether, IPv6, IPv6ExtHdrFragment, Raw
from scapy.layers.inet6 import (  # isort: skip
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptSrcLLAddr,
)
from test_reject import reason

GATE_LINK6 = "2001:db8:bad::1"
SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20


def rules(**more):
    return {
        "version": 1,
        "name": "neighbours",
        "interfaces": ["eth0"],
        "policy": {"ingress": "drop", "egress": "drop"},
        "rules": [
            {"name": "echo", "match": {"proto": "icmp", "icmp_type": [0, 8]}, "action": "pass"},
            {
                "name": "echo6",
                "match": {"proto": "icmpv6", "icmp_type": [128, 129]},
                "action": "pass",
            },
        ],
        **more,
    }


def forget_neighbours(lab):
    for node in ("client", "attacker", "gate"):
        netns.run(lab.name(node), "ip", "neigh", "flush", "all")


@test
def with_a_fresh_neighbour_cache_hosts_are_reached_in_both_families():
    with gate(servers=False, rules=rules()) as (lab, yett):
        for target in (addresses.C1_4, addresses.C1_6, addresses.GATE4, addresses.GATE6):
            forget_neighbours(lab)
            holds(traffic.pings(lab.name("client"), target), f"{target} answers")
        sums_hold(yett)
        yett.apply(rules(builtins={"builtin-nd": False, "builtin-arp": False}))
        for target in (addresses.C1_4, addresses.C1_6):
            forget_neighbours(lab)
            answers = traffic.pings(lab.name("client"), target, seconds=1.0)
            holds(not answers, f"{target} answers, though nothing lets its neighbours in")


def solicitation(mac, hops=255, source=addresses.ATTACKER6, fragment=False):
    """Who has the gate's address on the attacker's link?"""
    packet = IPv6(src=source, dst=GATE_LINK6, hlim=hops)
    if fragment:
        packet = packet / IPv6ExtHdrFragment(id=7)
    return packet / ICMPv6ND_NS(tgt=GATE_LINK6) / ICMPv6NDOptSrcLLAddr(lladdr=mac)


@test
def neighbour_discovery_from_afar_or_in_a_fragment_is_not_heard():
    with gate(servers=False, rules=rules(policy={"ingress": "pass"})) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        is_answer = lambda f: f[12:14] == b"\x86\xdd" and f[54] == 136  # noqa: E731
        answers = traffic.Witness(lab.name("attacker"), "eth0", is_answer)
        for packet in (
            solicitation(wire.source, 254),
            solicitation(wire.source, 64),
            solicitation(wire.source, fragment=True),
            IPv6(src=addresses.ATTACKER6, dst=GATE_LINK6, hlim=254)
            / ICMPv6ND_NA(tgt=addresses.CLIENT6),
        ):
            before = reason(yett, "nd_bad")[1]["packets"]
            wire.packets([packet])
            fell = lambda: reason(yett, "nd_bad")[1]["packets"] - before  # noqa: E731
            netns.wait_for(lambda: fell() == 1, f"{packet.summary()} falls")
        equal(answers.count, 0, "answers to forged solicitations")
        wire.packets([solicitation(wire.source)])
        netns.wait_for(lambda: answers.count >= 1, "an honest solicitation is answered")
        answers.stop()
        sums_hold(yett)


@test
def an_echo_request_to_a_whole_link_is_dropped_however_it_is_addressed():
    with gate(servers=False, rules=rules()) as (lab, yett):
        # A host that would answer, if it were asked.
        netns.sysctl(lab.name("gate"), "net.ipv4.icmp_echo_ignore_broadcasts=0")
        wire = traffic.Wire(lab, "attacker")
        victim4, victim6 = addresses.CLIENT4, addresses.CLIENT6
        asked = [
            packets.ip(victim4, target) / ICMP() / Raw(b"\0" * 32)
            for target in ("203.0.113.255", "192.0.2.255", "255.255.255.255", "224.0.0.1")
        ]
        asked += [IPv6(src=victim6, dst="ff02::1") / ICMPv6EchoRequest(data=b"\0" * 32)]
        question = traffic.from_sources(addresses.GATE4, "192.0.2.1", "203.0.113.1", GATE_LINK6)
        answers = traffic.Witness(
            lab.name("client"), "eth0", lambda f: question(f) and f[23] == 1 or f[54:55] == b"\x81"
        )
        for packet in asked:
            before = reason(yett, "echo_multicast")[1]["packets"]
            wire.send([bytes(Ether(src=wire.source, dst="ff:ff:ff:ff:ff:ff") / packet)])
            fell = lambda: reason(yett, "echo_multicast")[1]["packets"] - before  # noqa: E731
            netns.wait_for(lambda: fell() == 1, f"{packet.summary()} falls")
        equal(answers.stop(), 0, "echo replies to the victim")
        sums_hold(yett)


@test
def frames_past_the_queueing_layer_are_not_seen_at_egress_which_is_known():
    """A process with CAP_NET_RAW can ask for it. Documented; when this fails, it has become better.
    """
    with gate(servers=False, rules=rules()) as (lab, yett):
        packet = packets.ip(addresses.GATE4, addresses.CLIENT4) / UDP(dport=9) / Raw(b"\0" * 32)
        macs = [netns.mac(lab.name(node), "eth0") for node in ("client", "gate")]
        frame = bytes(Ether(dst=macs[0], src=macs[1]) / packet)
        for bypass, wanted in ((0, 0), (1, 10)):
            question = traffic.from_sources(addresses.GATE4)
            witness = traffic.Witness(lab.name("client"), "eth0", question)
            with netns.raw_socket(lab.name("gate"), "eth0") as sender:
                sender.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, bypass)
                seen = yett.interface("eth0", "egress")["dropped"]["packets"]
                for _ in range(10):
                    try:
                        sender.send(frame)
                    except OSError as error:
                        equal((error.errno, bypass), (105, 0), "errno of a frame that is dropped")
            if bypass:
                netns.wait_for(lambda: witness.count >= wanted, "the frames arrive")
            equal(witness.stop(), wanted, f"frames that arrived, bypass {bypass}")
            dropped = yett.interface("eth0", "egress")["dropped"]["packets"] - seen
            holds(dropped >= 10 or bypass, f"dropped at egress: {dropped}")
        sums_hold(yett)
